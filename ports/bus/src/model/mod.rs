//! What to do with an event, decided without I/O and without a clock.
//!
//! The runner asks here and carries the answers out. The simulation drives the same rules through faults, crashes and
//! repeated deliveries, and holds them to the promises of the port.

pub(crate) mod position;
pub(crate) mod relay;
mod retry;
#[cfg(test)]
mod simulation;

use clock::Backoff;
pub(crate) use retry::RetryPolicy;

/// What a consumer has left to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its effect is to be written.
    Hear,
    /// Its effect is committed; other stores are to be written.
    AfterCommit,
}

/// What the inbox of a consumer knows about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InboxState {
    /// It never arrived.
    New,
    /// Its effect was committed when it arrived. Whether it was finished, nobody wrote down.
    Heard,
    /// It was parked or became a dead letter; whoever has it there does the rest.
    SetAside,
}

/// Whether earlier events of the same key are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Free,
    Parked,
}

/// What to do with an event that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Start(Stage),
    /// Park it behind the earlier events of its key.
    QueueBehind,
    /// Nothing, it is in other hands.
    Leave,
}

/// The rule for arrivals: an effect is written once, and never before those of earlier events of its key.
pub(crate) fn admit(known: InboxState, key: Key) -> Admission {
    match (known, key) {
        (InboxState::New, Key::Free) => Admission::Start(Stage::Hear),
        (InboxState::New, Key::Parked) => Admission::QueueBehind,
        (InboxState::Heard, Key::Free | Key::Parked) => Admission::Start(Stage::AfterCommit),
        (InboxState::SetAside, Key::Free | Key::Parked) => Admission::Leave,
    }
}

/// How an attempt at a stage failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It may succeed later.
    Failed,
    /// It can never succeed.
    Refused(Refusal),
    /// The consumer's own database did not do what it was asked: it is away, or it keeps this event alone waiting.
    DatabaseAway,
}

/// Why an event can never have its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It can't be read as an event of its type.
    Malformed,
    /// Its consumer no longer hears its topic.
    Unheard,
    /// It is older than the inbox remembers.
    Expired,
    /// Its consumer says so.
    ByConsumer,
    /// The database takes nothing of what is to be noted about it.
    Unwritable,
    /// Kafka takes it in no batch.
    Unpublishable,
}

/// Why an event was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Refused(Refusal),
    /// It failed too often.
    Exhausted,
}

impl Cause {
    pub(crate) const ALL: [Self; 7] = [
        Self::Refused(Refusal::Malformed),
        Self::Refused(Refusal::Unheard),
        Self::Refused(Refusal::Expired),
        Self::Refused(Refusal::ByConsumer),
        Self::Refused(Refusal::Unwritable),
        Self::Refused(Refusal::Unpublishable),
        Self::Exhausted,
    ];

    /// What it is called in the database and as the label `reason`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refused(Refusal::Malformed) => "malformed",
            Self::Refused(Refusal::Unheard) => "unheard",
            Self::Refused(Refusal::Expired) => "expired",
            Self::Refused(Refusal::ByConsumer) => "refused",
            Self::Refused(Refusal::Unwritable) => "unwritable",
            Self::Refused(Refusal::Unpublishable) => "unpublishable",
            Self::Exhausted => "exhausted",
        }
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Next {
    /// Go on to the next stage.
    RunAfterCommit,
    /// Forget the event.
    Finish,
    /// Try the same stage again after this backoff, while later events of the key queue behind and other keys flow.
    Park(Backoff),
    /// Hand it to the operator; later events of its key flow again.
    DeadLetter(Cause),
    /// Keep the event in hand and try again soon.
    Wait,
}

/// From how many refusals of the database on an event fails.
const REFUSALS_TO_FAIL: u32 = 2;

/// What was tried so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried {
    /// Attempts made at this stage, this one included.
    pub(crate) attempts: u32,
    /// How often the database did not do what it was asked since the event was taken in hand.
    pub(crate) refusals: u32,
}

impl RetryPolicy {
    /// The rule for attempts.
    ///
    /// Whether the database is away, or only this event meets a lock or takes too long, is not known from its answer. Whether
    /// the next step can be written down decides: so an event that meets it again fails like any other, and while nothing can
    /// be written whoever acts on this keeps it in hand.
    ///
    /// An event is given up only before its effect is committed. What follows the commit goes on until it succeeds: a dead letter of an
    /// event that had its effect could only be replayed into a second one.
    pub(crate) fn next(&self, stage: Stage, ended: Result<(), Fault>, tried: Tried) -> Next {
        let Tried { attempts, refusals } = tried;
        match (stage, ended) {
            (Stage::Hear, Ok(())) => Next::RunAfterCommit,
            (Stage::AfterCommit, Ok(())) => Next::Finish,
            (Stage::Hear | Stage::AfterCommit, Err(Fault::DatabaseAway)) if refusals < REFUSALS_TO_FAIL => Next::Wait,
            (Stage::Hear, Err(Fault::Refused(refusal))) => Next::DeadLetter(Cause::Refused(refusal)),
            (Stage::Hear, Err(Fault::Failed | Fault::DatabaseAway)) if attempts >= self.tries => {
                Next::DeadLetter(Cause::Exhausted)
            }
            (Stage::Hear, Err(Fault::Failed | Fault::DatabaseAway)) => Next::Park(self.hear),
            (Stage::AfterCommit, Err(Fault::Failed | Fault::Refused(_) | Fault::DatabaseAway)) => {
                Next::Park(self.after_commit)
            }
        }
    }
}
