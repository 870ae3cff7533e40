//! Calls the consumer's own code, whatever it does.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use database::{DatabaseError, Result, WriteTransaction};
use futures_util::FutureExt;

use super::Worker;
use super::work::{InFlight, Origin};
use crate::consumer::{Handler, Json};
use crate::delivery::Delivery;
use crate::maintenance::INBOX_RETENTION;
use crate::model::{Admission, Fault, Refusal, Stage};
use crate::{HearError, Heard, outbox, secrets};

/// So long events join one transaction. The first of them waits for its commit, and so does every other writer of SQLite.
const BATCH_WINDOW: Duration = Duration::from_millis(50);

/// How often an event is heard in a row while other transactions change the same: rows that many change are no reason to wait long.
const OVERTAKEN_TRIES: u32 = 5;

/// How an attempt ended.
pub(super) type Attempt = std::result::Result<(), Failure>;

/// What came of letting a consumer hear an event.
pub(super) enum Hearing {
    Ended(Attempt),
    /// Its effect was committed when it arrived before.
    InboxState,
    /// It waits behind others of its key.
    QueuesBehind,
    /// There is nothing to write.
    InOtherHands,
}

/// Why an attempt did not succeed; the reason quotes no secret.
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) reason: String,
    /// Another transaction was faster to change the same.
    is_overtaken: bool,
}

impl Worker {
    /// Writes the effect of `in_flight`. Who was overtaken meanwhile hears it again at once: what they see now is what was written then.
    pub(super) async fn hear(&self, in_flight: &InFlight<'_>) -> Result<Hearing> {
        for _ in 1..OVERTAKEN_TRIES {
            match self.hear_once(in_flight).await {
                Ok(hearing) if hearing.is_overtaken() => {}
                Err(error) if error.is_overtaken() => {}
                ended => return ended,
            }
        }
        self.hear_once(in_flight).await
    }

    async fn hear_once(&self, in_flight: &InFlight<'_>) -> Result<Hearing> {
        let tx = self.database.begin_write().await?;
        let hearing = self.hear_in(&tx, in_flight).await?;
        // Dropping the transaction of a failed attempt rolls back whatever it wrote.
        if !hearing.has_written() {
            return Ok(hearing);
        }
        let committed = tx.commit().await.map_err(|error| Failure::of(error.into()));
        if committed.is_ok() {
            self.was_heard(in_flight);
        }
        Ok(Hearing::Ended(committed))
    }

    /// Writes the effects of `batch`, each of another key, in one transaction, as if each had its own. Says what came of
    /// the first ones, as many as there was time for, but of one at least.
    pub(super) async fn hear_together(&self, batch: &[InFlight<'_>]) -> Result<Vec<Hearing>> {
        let tx = self.database.begin_write().await?;
        let begun = self.sources().now();
        let mut hearings = Vec::with_capacity(batch.len());
        for in_flight in batch {
            if !hearings.is_empty() && self.sources().now() > begun + BATCH_WINDOW {
                break;
            }
            // What the others recorded is committed first, so that each may record as much as if it were alone.
            if tx.rows_left() >= outbox::LIMIT {
                break;
            }
            let savepoint = tx.savepoint().await?;
            let hearing = in_flight.scope.clone().run(self.hear_in(&tx, in_flight)).await?;
            if !hearing.has_written() {
                tx.rollback_to(savepoint).await?;
            }
            hearings.push(hearing);
        }
        tx.commit().await?;
        for (in_flight, _) in batch.iter().zip(&hearings).filter(|(_, hearing)| hearing.has_written()) {
            self.was_heard(in_flight);
        }
        Ok(hearings)
    }

    async fn hear_in(&self, tx: &WriteTransaction, in_flight: &InFlight<'_>) -> Result<Hearing> {
        Ok(match self.enter(tx, in_flight).await? {
            Admission::Start(Stage::Hear) if self.is_too_old(tx, in_flight) => {
                let days = INBOX_RETENTION.num_days();
                let reason =
                    format!("too old: recorded {days} days ago or more, so that nobody knows whether it was heard");
                Hearing::Ended(Err(Failure::new(Fault::Refused(Refusal::Expired), reason)))
            }
            Admission::Start(Stage::Hear) => Hearing::Ended(self.call_hear(in_flight.delivery, tx).await),
            Admission::Start(Stage::AfterCommit) => Hearing::InboxState,
            Admission::QueueBehind => Hearing::QueuesBehind,
            Admission::Leave => Hearing::InOtherHands,
        })
    }

    /// Whether the inbox may have forgotten that `in_flight` was heard, while its source delivers it again.
    fn is_too_old(&self, tx: &WriteTransaction, in_flight: &InFlight<'_>) -> bool {
        let is_delivered_again = matches!(in_flight.origin, Origin::Source) && self.outlives_inbox;
        is_delivered_again && in_flight.delivery.recorded_at < tx.now() - INBOX_RETENTION
    }

    fn was_heard(&self, in_flight: &InFlight<'_>) {
        let age = (self.sources().now() - in_flight.delivery.recorded_at).to_std().unwrap_or_default();
        metrics::histogram!("bus_event_age_seconds", "consumer" => self.consumer.name).record(age);
    }

    /// Runs what follows the commit of `in_flight`.
    pub(super) async fn after_commit(&self, in_flight: &InFlight<'_>) -> Attempt {
        let (handler, heard) = self.prepare(in_flight.delivery)?;
        guard(&heard, handler.after_commit(&heard)).await
    }

    async fn call_hear(&self, delivery: &Delivery, tx: &WriteTransaction) -> Attempt {
        let (handler, heard) = self.prepare(delivery)?;
        guard(&heard, handler.hear(tx, &heard)).await
    }

    fn prepare(&self, delivery: &Delivery) -> std::result::Result<(&dyn Handler, Heard<Json>), Failure> {
        let handler = self.consumer.handler(&delivery.topic).ok_or_else(|| {
            let reason = format!("{} no longer hears {}", self.consumer.name, delivery.topic);
            Failure::new(Fault::Refused(Refusal::Unheard), reason)
        })?;
        let event = delivery
            .payload
            .open(self.database.vault())
            .map_err(|tampered| Failure::new(Fault::Failed, tampered.to_string()))?
            .into_owned();
        Ok((handler, Heard { id: delivery.id, recorded_at: delivery.recorded_at, event }))
    }
}

/// Runs `call`; a panic in it is a failure like any other.
async fn guard(heard: &Heard<Json>, call: impl Future<Output = std::result::Result<(), HearError>>) -> Attempt {
    let failure = match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => Failure::of(error),
        Err(panic) => Failure::new(Fault::Failed, format!("panicked: {}", message(panic.as_ref()))),
    };
    Err(Failure { reason: secrets::masked_in(&failure.reason, &heard.event).into_owned(), ..failure })
}

impl Hearing {
    fn has_written(&self) -> bool {
        matches!(self, Self::Ended(Ok(())))
    }

    /// Whether another transaction was faster to change the same.
    pub(super) fn is_overtaken(&self) -> bool {
        matches!(self, Self::Ended(Err(failure)) if failure.is_overtaken)
    }
}

impl Failure {
    fn new(fault: Fault, reason: String) -> Self {
        Self { fault, reason, is_overtaken: false }
    }

    fn of(error: HearError) -> Self {
        match error {
            HearError::Malformed(reason) => Self::new(Fault::Refused(Refusal::Malformed), reason),
            HearError::Refused(reason) => Self::new(Fault::Refused(Refusal::ByConsumer), reason),
            HearError::Database(error @ DatabaseError::Unavailable(_)) => {
                let is_overtaken = error.is_overtaken();
                Self { is_overtaken, ..Self::new(Fault::DatabaseAway, error.to_string()) }
            }
            HearError::Database(error) => Self::new(Fault::Failed, error.to_string()),
            HearError::Failed(error) => Self::new(Fault::Failed, format!("{error:#}")),
        }
    }
}

pub(super) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
