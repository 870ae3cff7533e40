//! What is written about an event besides its effect, each time in one transaction.

use std::time::Duration;

use database::{Result, WriteTransaction};

use super::Worker;
use super::work::{InFlight, Origin};
use crate::announced::Subject;
use crate::model::{Admission, Cause, InboxState, Stage, admit};
use crate::store::dead_letter::Buried;
use crate::store::inbox::Entry;
use crate::store::parked::Waiting;
use crate::store::{dead_letter, inbox, parked};

impl Worker {
    /// Takes charge of `in_flight` for hearing it with `tx`, unless the rules or another process say otherwise.
    pub(super) async fn enter(&self, tx: &WriteTransaction, in_flight: &InFlight<'_>) -> Result<Admission> {
        match in_flight.origin {
            Origin::Source => {
                let (known, key) = inbox::enter_delivery(tx, self.consumer.name, in_flight.delivery).await?;
                if known != InboxState::New {
                    metrics::counter!("bus_inbox_duplicates_total", "consumer" => self.consumer.name).increment(1);
                }
                Ok(admit(known, key))
            }
            Origin::Parked { seq } => {
                let is_ours = parked::claim(tx, seq, in_flight.attempts).await?;
                Ok(if is_ours { Admission::Start(Stage::Hear) } else { Admission::Leave })
            }
        }
    }

    /// Lets `in_flight` wait for its next attempt, or behind earlier events of its key.
    pub(super) async fn park(
        &self,
        in_flight: &InFlight<'_>,
        attempts: u32,
        reason: &str,
        delay: Duration,
    ) -> Result<()> {
        let tx = self.begin_on_queue(in_flight).await?;
        let waiting = Waiting { stage: in_flight.stage, attempts, reason, next_at: tx.now() + delay };
        match in_flight.origin {
            Origin::Source => {
                if !self.set_aside(&tx, in_flight).await? {
                    return Ok(());
                }
                parked::push(&tx, self.consumer.name, &in_flight.written(), waiting).await?;
                // The retrier has to learn when to wake.
                tx.announce(&Subject::Parked(self.consumer.name).to_string());
            }
            Origin::Parked { seq } => parked::postpone(&tx, seq, in_flight.attempts, waiting).await?,
        }
        tx.commit().await
    }

    /// Makes `in_flight` a dead letter.
    pub(super) async fn bury(&self, in_flight: &InFlight<'_>, cause: Cause, attempts: u32, reason: &str) -> Result<()> {
        let tx = self.begin_on_queue(in_flight).await?;
        let is_ours = match in_flight.origin {
            Origin::Source => self.set_aside(&tx, in_flight).await?,
            Origin::Parked { seq } => {
                let is_ours = parked::give_up(&tx, seq, in_flight.attempts).await?;
                parked::release_first(&tx, self.consumer.name, in_flight.delivery).await?;
                is_ours
            }
        };
        if !is_ours {
            return Ok(());
        }
        dead_letter::insert(&tx, self.consumer.name, &in_flight.written(), Buried { cause, attempts, reason }).await?;
        tx.commit().await
    }

    /// Forgets `in_flight`, which had its effect and is finished.
    pub(super) async fn finish(&self, in_flight: &InFlight<'_>) -> Result<()> {
        match in_flight.origin {
            Origin::Source => Ok(()),
            Origin::Parked { seq } => {
                let tx = self.begin_on_queue(in_flight).await?;
                parked::delete(&tx, seq).await?;
                parked::release_first(&tx, self.consumer.name, in_flight.delivery).await?;
                tx.commit().await
            }
        }
    }

    /// Notes in the inbox that `in_flight` no longer waits at its source; false if another process did so before.
    async fn set_aside(&self, tx: &WriteTransaction, in_flight: &InFlight<'_>) -> Result<bool> {
        let entry = self.entry(in_flight);
        let is_ours = match in_flight.stage {
            Stage::Hear => {
                inbox::enter_delivery(tx, self.consumer.name, in_flight.delivery).await?.0 == InboxState::New
            }
            Stage::AfterCommit => true,
        };
        Ok(is_ours && inbox::set_aside(tx, entry).await?)
    }

    /// Other processes of the consumer change the queue of the key before or after, never meanwhile: else an event could
    /// be queued behind one that is just leaving, and be forgotten.
    async fn begin_on_queue(&self, in_flight: &InFlight<'_>) -> Result<WriteTransaction> {
        self.database.begin_locked(&parked::turn(self.consumer.name, in_flight.delivery)).await
    }

    fn entry(&self, in_flight: &InFlight<'_>) -> Entry {
        Entry { consumer: self.consumer.name, event: in_flight.delivery.id }
    }
}
