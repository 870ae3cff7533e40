//! Leads one event through its stages, as the rules of the model say.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use database::{DatabaseError, Result};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::attempt::Hearing;
use super::{OutageBackoff, POLICY, Stopped, Worker};
use crate::TraceParent;
use crate::delivery::Delivery;
use crate::model::{Cause, Fault, Next, Refusal, Stage, Tried};
use crate::store::parked::Parked;

/// How long the database may be away before an event goes back to where it was taken from, so that its source is asked again
/// and other members of a group need not wait for this one.
const OUTAGE_GRACE: Duration = Duration::from_secs(2);
/// How often something about an event may fail to be written, by no fault of the surroundings, before only that is written
/// which any database takes.
const STUBBORN: u32 = 3;
/// What is written as the reason then.
const UNWRITABLE: &str = "what the event says of itself can't be written down; the log says why";

/// One event that a consumer works on.
pub(super) struct InFlight<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) origin: Origin,
    pub(super) stage: Stage,
    /// Attempts made at this stage.
    pub(super) attempts: u32,
    /// How often the database did not do what it was asked.
    pub(super) refusals: u32,
    /// How often what is to be written about it was no fault of the surroundings and yet not written.
    pub(super) faults: u32,
    /// What came of hearing it together with others, until that is acted on.
    pub(super) hearing: Option<Hearing>,
    pub(super) scope: Scope,
}

/// The span of an event, and its place in the trace of its cause.
#[derive(Clone)]
pub(super) struct Scope {
    span: Span,
    trace: Option<TraceParent>,
}

/// Where an event was taken from, and so what to write about it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    Source,
    Parked {
        /// Its row.
        seq: i64,
    },
}

/// What came of the work on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Finished,
    /// Others do the rest.
    HandedOver,
    /// The database stays away, and the event is left where it was.
    Unavailable,
}

/// What a step led to.
enum Step {
    GoOn,
    Over,
    /// Others do the rest.
    Left,
    /// The database was away, for this reason.
    Wait(String),
}

impl<'a> InFlight<'a> {
    pub(super) fn arriving(consumer: &'static str, delivery: &'a Delivery) -> Self {
        let Delivery { id, topic, key, .. } = delivery;
        let span = tracing::info_span!("event", consumer, topic, key = hash(key), event_id = %id);
        let trace = TraceParent::of(&span, delivery.traceparent.as_ref()).or(delivery.traceparent.clone());
        let scope = Scope { span, trace };
        Self {
            delivery,
            origin: Origin::Source,
            stage: Stage::Hear,
            attempts: 0,
            refusals: 0,
            faults: 0,
            hearing: None,
            scope,
        }
    }

    pub(super) fn parked(consumer: &'static str, row: &'a Parked) -> Self {
        let Parked { seq, stage, attempts, delivery, .. } = row;
        let arriving = Self::arriving(consumer, delivery);
        Self { origin: Origin::Parked { seq: *seq }, stage: *stage, attempts: *attempts, ..arriving }
    }

    /// The event as it is written down: without any text from elsewhere where that was tried and failed.
    pub(super) fn written(&self) -> Cow<'_, Delivery> {
        if self.faults < STUBBORN {
            return Cow::Borrowed(self.delivery);
        }
        let Delivery { id, topic, key, payload, recorded_at, .. } = self.delivery.clone();
        let (event_type, traceparent) = (String::new(), None);
        Cow::Owned(Delivery { id, event_type, topic, key: hash(&key), payload, traceparent, recorded_at })
    }
}

impl Scope {
    /// Lets what `work` logs and records belong to the event.
    pub(super) async fn run<T>(self, work: impl Future<Output = T>) -> T {
        let work = work.instrument(self.span);
        match self.trace {
            Some(trace) => trace.scope(work).await,
            None => work.await,
        }
    }
}

impl Worker {
    /// Works on `in_flight` until it is finished, parked or a dead letter, or the database has been away for too long.
    pub(super) async fn work_on(
        &self,
        in_flight: InFlight<'_>,
        stop: &CancellationToken,
    ) -> std::result::Result<Outcome, Stopped> {
        in_flight.scope.clone().run(self.lead(in_flight, stop)).await
    }

    async fn lead(
        &self,
        mut in_flight: InFlight<'_>,
        stop: &CancellationToken,
    ) -> std::result::Result<Outcome, Stopped> {
        let mut backoff = OutageBackoff::default();
        // Real time, not that of the platform: it is about load, and decides nothing.
        let begun = Instant::now();
        loop {
            let taken = match in_flight.faults {
                STUBBORN.. => self.put_away(&in_flight).await,
                _ => self.step(&mut in_flight).await,
            };
            match taken {
                Ok(Step::GoOn) => (),
                Ok(Step::Over) => return Ok(Outcome::Finished),
                Ok(Step::Left) => return Ok(Outcome::HandedOver),
                Ok(Step::Wait(reason)) => backoff.wait(self, &reason, stop).await?,
                // The step is taken again; what it had written was rolled back.
                Err(error) => {
                    let is_away = matches!(error, DatabaseError::Unavailable(_));
                    if begun.elapsed() > OUTAGE_GRACE && (is_away || in_flight.faults > STUBBORN) {
                        return Ok(Outcome::Unavailable);
                    }
                    in_flight.faults += u32::from(!is_away);
                    backoff.wait(self, &error, stop).await?;
                }
            }
        }
    }

    /// Writes down as little about `in_flight` as must be, after everything else has failed.
    async fn put_away(&self, in_flight: &InFlight<'_>) -> Result<Step> {
        let attempts = in_flight.attempts + 1;
        tracing::error!(stage = ?in_flight.stage, attempts, "an event is put away without its type, key, trace and reason");
        match in_flight.stage {
            Stage::Hear => self.bury(in_flight, Cause::Refused(Refusal::Unwritable), attempts, UNWRITABLE).await?,
            Stage::AfterCommit => {
                let delay = POLICY.after_commit.pause(attempts, self.sources().fraction());
                self.park(in_flight, attempts, UNWRITABLE, delay).await?;
            }
        }
        Ok(Step::Over)
    }

    async fn step(&self, in_flight: &mut InFlight<'_>) -> Result<Step> {
        let attempt = match in_flight.stage {
            Stage::Hear => {
                let hearing = match in_flight.hearing.take() {
                    Some(hearing) => hearing,
                    None => self.hear(in_flight).await?,
                };
                match hearing {
                    Hearing::Ended(attempt) => attempt,
                    Hearing::InboxState => Ok(()),
                    Hearing::InOtherHands => return Ok(Step::Left),
                    Hearing::QueuesBehind => {
                        self.park(in_flight, 0, "", Duration::ZERO).await?;
                        return Ok(Step::Left);
                    }
                }
            }
            Stage::AfterCommit => self.after_commit(in_flight).await,
        };
        let (ended, reason) = match attempt {
            Ok(()) => (Ok(()), String::new()),
            Err(failure) => (Err(failure.fault), failure.reason),
        };
        let attempts = in_flight.attempts + 1;
        in_flight.refusals += u32::from(ended == Err(Fault::DatabaseAway));
        match POLICY.next(in_flight.stage, ended, Tried { attempts, refusals: in_flight.refusals }) {
            Next::RunAfterCommit => {
                (in_flight.stage, in_flight.attempts, in_flight.refusals) = (Stage::AfterCommit, 0, 0);
                return Ok(Step::GoOn);
            }
            Next::Wait => return Ok(Step::Wait(reason)),
            Next::Finish => self.finish(in_flight).await?,
            Next::Park(backoff) => {
                let delay = backoff.pause(attempts, self.sources().fraction());
                tracing::warn!(stage = ?in_flight.stage, attempts, ?delay, reason, "an event is parked");
                self.park(in_flight, attempts, &reason, delay).await?;
            }
            Next::DeadLetter(cause) => {
                tracing::error!(cause = cause.as_str(), attempts, reason, "an event becomes a dead letter");
                self.bury(in_flight, cause, attempts, &reason).await?;
            }
        }
        Ok(Step::Over)
    }
}

/// Tells keys apart in the logs, where they themselves, often addresses, must not stand.
fn hash(key: &str) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
