//! What to do with an event, decided without I/O and without a clock.
//!
//! The runner asks here and carries the answers out. The simulation drives the same rules through faults, crashes and
//! repeated deliveries, and holds them to the promises of the port.

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
    /// Its effect is committed; other stores are to be told.
    Settle,
}

/// What the inbox of a consumer knows about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It never arrived.
    New,
    /// Its effect was committed when it arrived. Whether it was settled, nobody wrote down.
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
pub(crate) enum Intake {
    Start(Stage),
    /// Park it behind the earlier events of its key.
    QueueBehind,
    /// Nothing, it is in other hands.
    Leave,
}

/// The rule for arrivals: an effect is written once, and never before those of earlier events of its key.
pub(crate) fn intake(known: Known, key: Key) -> Intake {
    match (known, key) {
        (Known::New, Key::Free) => Intake::Start(Stage::Hear),
        (Known::New, Key::Parked) => Intake::QueueBehind,
        (Known::Heard, Key::Free | Key::Parked) => Intake::Start(Stage::Settle),
        (Known::SetAside, Key::Free | Key::Parked) => Intake::Leave,
    }
}

/// How an attempt at a stage failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It may succeed later.
    Failed,
    /// It can never succeed.
    Refused,
    /// The consumer's own database could not be asked, which is no fault of the event.
    DatabaseAway,
}

/// Why a consumer gave an event up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Refused,
    Exhausted,
}

impl Cause {
    pub(crate) const ALL: [Self; 2] = [Self::Refused, Self::Exhausted];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Exhausted => "exhausted",
        }
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Next {
    /// Go on to the next stage.
    Settle,
    /// Forget the event.
    Finish,
    /// Try the same stage again after this backoff, while later events of the key queue behind and other keys flow.
    Park(Backoff),
    /// Hand it to the operator; later events of its key flow again.
    DeadLetter(Cause),
    /// Keep the event in hand until the database is back.
    Wait,
}

impl RetryPolicy {
    /// The rule for attempts. `attempts` counts those made at this stage, this one included.
    ///
    /// An event is given up only before its effect is committed. Settling goes on until it succeeds: a dead letter of an
    /// event that had its effect could only be replayed into a second one.
    pub(crate) fn next(&self, stage: Stage, ended: Result<(), Fault>, attempts: u32) -> Next {
        match (stage, ended) {
            (Stage::Hear, Ok(())) => Next::Settle,
            (Stage::Settle, Ok(())) => Next::Finish,
            (Stage::Hear | Stage::Settle, Err(Fault::DatabaseAway)) => Next::Wait,
            (Stage::Hear, Err(Fault::Refused)) => Next::DeadLetter(Cause::Refused),
            (Stage::Hear, Err(Fault::Failed)) if attempts >= self.tries => Next::DeadLetter(Cause::Exhausted),
            (Stage::Hear, Err(Fault::Failed)) => Next::Park(self.hear),
            (Stage::Settle, Err(Fault::Failed | Fault::Refused)) => Next::Park(self.settle),
        }
    }
}
