//! Calls the consumer's own code, whatever it does.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use database::{DatabaseError, Result, WriteTransaction};
use futures_util::FutureExt;

use super::Worker;
use super::work::Case;
use crate::consumer::{Handler, Json};
use crate::delivery::Delivery;
use crate::model::{Fault, Intake, Stage};
use crate::{HearError, Heard, secrets};

/// How an attempt ended.
pub(super) type Attempt = std::result::Result<(), Failure>;

/// Why an attempt did not succeed; the reason quotes no secret.
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) reason: String,
}

impl Worker {
    /// Writes the effect of `case`; `None` when there is nothing to write because the event is in other hands,
    /// or waits behind others of its key.
    pub(super) async fn hear(&self, case: &Case<'_>) -> Result<Option<Attempt>> {
        let tx = self.database.begin_write().await?;
        match self.enter(&tx, case).await? {
            Intake::Start(Stage::Hear) => (),
            Intake::Start(Stage::Settle) => return Ok(Some(Ok(()))),
            Intake::Leave => return Ok(None),
            Intake::QueueBehind => {
                drop(tx);
                self.park(case, 0, "", Duration::ZERO).await?;
                return Ok(None);
            }
        }
        // Dropping the transaction of a failed attempt rolls back whatever it wrote.
        let attempt = match self.call_hear(case.delivery, &tx).await {
            Ok(()) => tx.commit().await.map_err(|error| Failure::of(error.into())),
            Err(failure) => Err(failure),
        };
        if attempt.is_ok() {
            let age = (self.sources().now() - case.delivery.recorded_at).to_std().unwrap_or_default();
            metrics::histogram!("bus_event_age_seconds", "consumer" => self.consumer.name).record(age);
        }
        Ok(Some(attempt))
    }

    /// Tells other stores what `case` wrote.
    pub(super) async fn settle(&self, case: &Case<'_>) -> Attempt {
        let (handler, heard) = self.prepare(case.delivery)?;
        guard(&heard, handler.settle(&heard)).await
    }

    async fn call_hear(&self, delivery: &Delivery, tx: &WriteTransaction) -> Attempt {
        let (handler, heard) = self.prepare(delivery)?;
        guard(&heard, handler.hear(tx, &heard)).await
    }

    fn prepare(&self, delivery: &Delivery) -> std::result::Result<(&dyn Handler, Heard<Json>), Failure> {
        let handler = self.consumer.handler(&delivery.topic).ok_or_else(|| Failure {
            fault: Fault::Refused,
            reason: format!("{} no longer hears {}", self.consumer.name, delivery.topic),
        })?;
        let event = delivery
            .payload
            .open(self.database.vault())
            .map_err(|tampered| Failure { fault: Fault::Failed, reason: tampered.to_string() })?
            .into_owned();
        Ok((handler, Heard { id: delivery.id, recorded_at: delivery.recorded_at, event }))
    }
}

/// Runs `call`; a panic in it is a failure like any other.
async fn guard(heard: &Heard<Json>, call: impl Future<Output = std::result::Result<(), HearError>>) -> Attempt {
    let failure = match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => Failure::of(error),
        Err(panic) => Failure { fault: Fault::Failed, reason: format!("panicked: {}", message(panic.as_ref())) },
    };
    Err(Failure { reason: secrets::masked_in(&failure.reason, &heard.event).into_owned(), ..failure })
}

impl Failure {
    fn of(error: HearError) -> Self {
        match error {
            HearError::Refused(reason) => Self { fault: Fault::Refused, reason },
            HearError::Database(error @ DatabaseError::Unavailable(_)) => {
                Self { fault: Fault::DatabaseAway, reason: error.to_string() }
            }
            HearError::Database(error) => Self { fault: Fault::Failed, reason: error.to_string() },
            HearError::Failed(error) => Self { fault: Fault::Failed, reason: format!("{error:#}") },
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
