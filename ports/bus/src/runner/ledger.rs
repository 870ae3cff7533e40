//! What is written about an event besides its effect, each time in one transaction.

use std::time::Duration;

use database::{Result, WriteTransaction};

use super::Worker;
use super::work::{Case, Origin};
use crate::model::{Cause, Intake, Known, Stage, intake};
use crate::store::dead_letter::Buried;
use crate::store::inbox::Entry;
use crate::store::parked::Waiting;
use crate::store::{dead_letter, inbox, parked};

impl Worker {
    /// Takes charge of `case` for hearing it with `tx`, unless the rules or another process say otherwise.
    pub(super) async fn enter(&self, tx: &WriteTransaction, case: &Case<'_>) -> Result<Intake> {
        match case.origin {
            Origin::Source => {
                let key = parked::key(tx, self.consumer.name, case.delivery).await?;
                let known = inbox::enter(tx, self.entry(case)).await?;
                if known != Known::New {
                    metrics::counter!("bus_inbox_duplicates_total", "consumer" => self.consumer.name).increment(1);
                }
                Ok(intake(known, key))
            }
            Origin::Parked { seq } => {
                let is_ours = parked::claim(tx, seq, case.attempts).await?;
                Ok(if is_ours { Intake::Start(Stage::Hear) } else { Intake::Leave })
            }
        }
    }

    /// Parks `case`, which was entered with `tx`, behind earlier events of its key.
    pub(super) async fn queue_behind(&self, tx: &WriteTransaction, case: &Case<'_>) -> Result<()> {
        inbox::set_aside(tx, self.entry(case)).await?;
        let waiting = Waiting { stage: case.stage, attempts: 0, reason: "", next_at: tx.now() };
        parked::push(tx, self.consumer.name, case.delivery, waiting).await
    }

    /// Lets `case` wait for its next attempt.
    pub(super) async fn park(&self, case: &Case<'_>, attempts: u32, reason: &str, delay: Duration) -> Result<()> {
        let tx = self.database.begin_write().await?;
        let waiting = Waiting { stage: case.stage, attempts, reason, next_at: tx.now() + delay };
        match case.origin {
            Origin::Source => {
                if !self.set_aside(&tx, case).await? {
                    return Ok(());
                }
                parked::push(&tx, self.consumer.name, case.delivery, waiting).await?;
                // The retrier has to learn when to wake.
                tx.announce();
            }
            Origin::Parked { seq } => parked::postpone(&tx, seq, waiting).await?,
        }
        tx.commit().await
    }

    /// Makes `case` a dead letter.
    pub(super) async fn bury(&self, case: &Case<'_>, cause: Cause, attempts: u32, reason: &str) -> Result<()> {
        let tx = self.database.begin_write().await?;
        match case.origin {
            Origin::Source => {
                if !self.set_aside(&tx, case).await? {
                    return Ok(());
                }
            }
            Origin::Parked { seq } => self.leave_queue(&tx, seq, case).await?,
        }
        dead_letter::insert(&tx, self.consumer.name, case.delivery, Buried { cause, attempts, reason }).await?;
        tx.commit().await
    }

    /// Forgets `case`, which had its effect and is settled.
    pub(super) async fn finish(&self, case: &Case<'_>) -> Result<()> {
        match case.origin {
            Origin::Source => Ok(()),
            Origin::Parked { seq } => {
                let tx = self.database.begin_write().await?;
                self.leave_queue(&tx, seq, case).await?;
                tx.commit().await
            }
        }
    }

    /// Notes in the inbox that `case` is no longer in the hands of its source; false if another process did so before.
    async fn set_aside(&self, tx: &WriteTransaction, case: &Case<'_>) -> Result<bool> {
        let entry = self.entry(case);
        let is_ours = match case.stage {
            Stage::Hear => inbox::enter(tx, entry).await? == Known::New,
            Stage::Settle => true,
        };
        Ok(is_ours && inbox::set_aside(tx, entry).await?)
    }

    async fn leave_queue(&self, tx: &WriteTransaction, seq: i64, case: &Case<'_>) -> Result<()> {
        parked::delete(tx, seq).await?;
        parked::release_next(tx, self.consumer.name, case.delivery).await
    }

    fn entry(&self, case: &Case<'_>) -> Entry {
        Entry { consumer: self.consumer.name, event: case.delivery.id }
    }
}
