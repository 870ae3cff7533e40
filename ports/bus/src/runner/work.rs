//! Leads one event through its stages, as the rules of the model say.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use database::Result;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::attempt::Hearing;
use super::{POLICY, Patience, Stopped, Worker};
use crate::TraceParent;
use crate::delivery::Delivery;
use crate::model::{Next, Stage};
use crate::store::parked::Parked;

/// One event in the hands of one consumer.
pub(super) struct Case<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) origin: Origin,
    pub(super) stage: Stage,
    /// Attempts made at this stage.
    pub(super) attempts: u32,
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

/// Where a case was taken from, and so what to write about it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    Source,
    Parked {
        /// Its row.
        seq: i64,
    },
}

/// Who did what there was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hands {
    Ours,
    Others,
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

impl<'a> Case<'a> {
    pub(super) fn arriving(consumer: &'static str, delivery: &'a Delivery) -> Self {
        let Delivery { id, topic, key, .. } = delivery;
        let span = tracing::info_span!("event", consumer, topic, key = hash(key), event_id = %id);
        let trace = TraceParent::of(&span, delivery.traceparent.as_ref()).or(delivery.traceparent.clone());
        let scope = Scope { span, trace };
        Self { delivery, origin: Origin::Source, stage: Stage::Hear, attempts: 0, hearing: None, scope }
    }

    pub(super) fn parked(consumer: &'static str, row: &'a Parked) -> Self {
        let Parked { seq, stage, attempts, delivery, .. } = row;
        let arriving = Self::arriving(consumer, delivery);
        Self { origin: Origin::Parked { seq: *seq }, stage: *stage, attempts: *attempts, ..arriving }
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
    /// Works on `case` until it is finished, parked or a dead letter; while the database is away it stays in hand.
    pub(super) async fn work_on(
        &self,
        case: Case<'_>,
        stop: &CancellationToken,
    ) -> std::result::Result<Hands, Stopped> {
        case.scope.clone().run(self.lead(case, stop)).await
    }

    async fn lead(&self, mut case: Case<'_>, stop: &CancellationToken) -> std::result::Result<Hands, Stopped> {
        let mut patience = Patience::default();
        loop {
            match self.step(&mut case).await {
                Ok(Step::GoOn) => (),
                Ok(Step::Over) => return Ok(Hands::Ours),
                Ok(Step::Left) => return Ok(Hands::Others),
                Ok(Step::Wait(reason)) => patience.wait(self, &reason, stop).await?,
                // The fault is not the event's, so the step is taken again; what it had written was rolled back.
                Err(error) => patience.wait(self, &error, stop).await?,
            }
        }
    }

    async fn step(&self, case: &mut Case<'_>) -> Result<Step> {
        let attempt = match case.stage {
            Stage::Hear => {
                let hearing = match case.hearing.take() {
                    Some(hearing) => hearing,
                    None => self.hear(case).await?,
                };
                match hearing {
                    Hearing::Ended(attempt) => attempt,
                    Hearing::Known => Ok(()),
                    Hearing::InOtherHands => return Ok(Step::Left),
                    Hearing::QueuesBehind => {
                        self.park(case, 0, "", Duration::ZERO).await?;
                        return Ok(Step::Left);
                    }
                }
            }
            Stage::Settle => self.settle(case).await,
        };
        let (ended, reason) = match attempt {
            Ok(()) => (Ok(()), String::new()),
            Err(failure) => (Err(failure.fault), failure.reason),
        };
        let attempts = case.attempts + 1;
        match POLICY.next(case.stage, ended, attempts) {
            Next::Settle => {
                case.stage = Stage::Settle;
                case.attempts = 0;
                return Ok(Step::GoOn);
            }
            Next::Wait => return Ok(Step::Wait(reason)),
            Next::Finish => self.finish(case).await?,
            Next::Park(backoff) => {
                let delay = backoff.pause(attempts, self.sources().fraction());
                tracing::warn!(stage = ?case.stage, attempts, ?delay, reason, "an event is parked");
                self.park(case, attempts, &reason, delay).await?;
            }
            Next::DeadLetter(cause) => {
                tracing::error!(cause = cause.as_str(), attempts, reason, "an event becomes a dead letter");
                self.bury(case, cause, attempts, &reason).await?;
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
