//! What is written about an event besides its effect, each time in one transaction.

use std::time::Duration;

use database::{Result, WriteTransaction};

use super::Worker;
use super::work::{Case, Origin};
use crate::announced::Subject;
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
                let (known, key) = inbox::enter_delivery(tx, self.consumer.name, case.delivery).await?;
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

    /// Lets `case` wait for its next attempt, or behind earlier events of its key.
    pub(super) async fn park(&self, case: &Case<'_>, attempts: u32, reason: &str, delay: Duration) -> Result<()> {
        let tx = self.begin_on_queue(case).await?;
        let waiting = Waiting { stage: case.stage, attempts, reason, next_at: tx.now() + delay };
        match case.origin {
            Origin::Source => {
                if !self.set_aside(&tx, case).await? {
                    return Ok(());
                }
                parked::push(&tx, self.consumer.name, &case.written(), waiting).await?;
                // The retrier has to learn when to wake.
                tx.announce(&Subject::Parked(self.consumer.name).to_string());
            }
            Origin::Parked { seq } => parked::postpone(&tx, seq, case.attempts, waiting).await?,
        }
        tx.commit().await
    }

    /// Makes `case` a dead letter.
    pub(super) async fn bury(&self, case: &Case<'_>, cause: Cause, attempts: u32, reason: &str) -> Result<()> {
        let tx = self.begin_on_queue(case).await?;
        let is_ours = match case.origin {
            Origin::Source => self.set_aside(&tx, case).await?,
            Origin::Parked { seq } => {
                let is_ours = parked::give_up(&tx, seq, case.attempts).await?;
                parked::release_first(&tx, self.consumer.name, case.delivery).await?;
                is_ours
            }
        };
        if !is_ours {
            return Ok(());
        }
        dead_letter::insert(&tx, self.consumer.name, &case.written(), Buried { cause, attempts, reason }).await?;
        tx.commit().await
    }

    /// Forgets `case`, which had its effect and is settled.
    pub(super) async fn finish(&self, case: &Case<'_>) -> Result<()> {
        match case.origin {
            Origin::Source => Ok(()),
            Origin::Parked { seq } => {
                let tx = self.begin_on_queue(case).await?;
                parked::delete(&tx, seq).await?;
                parked::release_first(&tx, self.consumer.name, case.delivery).await?;
                tx.commit().await
            }
        }
    }

    /// Notes in the inbox that `case` is no longer in the hands of its source; false if another process did so before.
    async fn set_aside(&self, tx: &WriteTransaction, case: &Case<'_>) -> Result<bool> {
        let entry = self.entry(case);
        let is_ours = match case.stage {
            Stage::Hear => inbox::enter_delivery(tx, self.consumer.name, case.delivery).await?.0 == Known::New,
            Stage::Settle => true,
        };
        Ok(is_ours && inbox::set_aside(tx, entry).await?)
    }

    /// Other processes of the consumer change the queue of the key before or after, never meanwhile: else an event could
    /// be queued behind one that is just leaving, and be forgotten.
    async fn begin_on_queue(&self, case: &Case<'_>) -> Result<WriteTransaction> {
        self.database.begin_write_on(&parked::turn(self.consumer.name, case.delivery)).await
    }

    fn entry(&self, case: &Case<'_>) -> Entry {
        Entry { consumer: self.consumer.name, event: case.delivery.id }
    }
}
