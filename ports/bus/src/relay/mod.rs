//! Copies the outbox to the topics that other processes read.
//!
//! One process per database does so at a time. Whatever happens to it, no event is left out and those of one key keep their
//! order; an event that is copied twice keeps its id, so that every inbox knows it.

mod copying;
mod held;
mod publish;
mod returning;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;
use database::{Contender, Database, DatabaseError, Result, SessionLock};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::log::{self, trimming};
use crate::model::relay::Relaying;
use crate::{real_time, store};
use copying::Copying;
use held::BACKOFF;
pub(crate) use publish::{Publish, PublishError, Receipt};

/// What the relay is called where consumers have their names: in its position, its inbox and its dead letters.
pub(crate) const NAME: &str = "relay";
/// How soon a relay in reserve asks whether it is its turn.
const TURN_INTERVAL: Duration = Duration::from_secs(1);
/// How long to wait after a fault.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Copies the outbox of one database to a log, whenever it is this process's turn.
pub(crate) struct Relay<P> {
    database: Database,
    publisher: P,
    /// Counts what may have brought the bus to rest.
    progress: watch::Sender<u64>,
    is_at_work: AtomicBool,
    /// Topics that refused their events in the turn before.
    refusing: Mutex<BTreeSet<String>>,
    /// Turns in a row that ended before anything could be checkpointed.
    fruitless: AtomicU32,
}

/// The right to relay, until another one takes it.
struct Lease {
    lock: SessionLock,
    /// Counts those who had it.
    epoch: i64,
}

/// Why a turn ended before its time.
#[derive(Debug, thiserror::Error)]
enum Interruption {
    #[error("another process relays now, or another server has the database")]
    LostLease,
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the log takes nothing: {0}")]
    Fatal(String),
    #[error("the topic {topic} refuses its events: {reason}")]
    TopicRefuses { topic: String, reason: String },
}

impl<P: Publish> Relay<P> {
    pub(crate) fn new(database: Database, publisher: P, progress: watch::Sender<u64>) -> Self {
        Self {
            database,
            publisher,
            progress,
            is_at_work: AtomicBool::new(false),
            refusing: Mutex::default(),
            fruitless: AtomicU32::new(0),
        }
    }

    /// Whether it is this process's turn.
    pub(crate) fn is_at_work(&self) -> bool {
        self.is_at_work.load(Ordering::Relaxed)
    }

    /// Relays until `stop`; waits a little then for what is on its way.
    pub(crate) async fn run(&self, stop: &CancellationToken) {
        let mut contender = self.database.contend(NAME);
        while !stop.is_cancelled() {
            let pause = match self.take_turn(&mut contender, stop).await {
                Ok(()) => TURN_INTERVAL,
                Err(interruption) => {
                    tracing::warn!(reason = %interruption, "the relay begins again at its checkpoint");
                    self.renew().await;
                    self.pause_after(interruption)
                }
            };
            stop.run_until_cancelled(real_time::pause(pause)).await;
        }
    }

    /// What is wrong with one topic delays no other; what is wrong with the log is asked less and less often.
    fn pause_after(&self, interruption: Interruption) -> Duration {
        match interruption {
            Interruption::TopicRefuses { topic, .. } => {
                self.refusing().insert(topic);
                Duration::ZERO
            }
            Interruption::Fatal(_) => {
                let failures = self.fruitless.fetch_add(1, Ordering::Relaxed) + 1;
                BACKOFF.pause(failures, self.database.sources().fraction())
            }
            Interruption::LostLease | Interruption::Database(_) => RETRY_INTERVAL,
        }
    }

    fn refusing(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// If it is our turn: what is copied leaves the outbox, and what was replayed comes into it.
    pub(crate) async fn maintain(&self, until: Timestamp) -> Result<()> {
        if self.is_at_work() {
            trimming::trim(&self.database, &[(NAME, store::position::ALL_TOPICS)], until).await?;
            returning::return_replayed(&self.database).await?;
        }
        Ok(())
    }

    /// Relays if it is our turn, until `stop`.
    async fn take_turn(&self, contender: &mut Contender, stop: &CancellationToken) -> Result<(), Interruption> {
        let Some(lock) = contender.try_lock().await? else { return Ok(()) };
        let (lease, relaying) = self.take_over(lock).await?;
        self.is_at_work.store(true, Ordering::Relaxed);
        let counts = (&self.progress, &self.fruitless);
        let copying = Copying::begin((&self.database, &self.publisher), counts, lease, relaying);
        let refusing = std::mem::take(&mut *self.refusing());
        let ended = copying.run(refusing, stop).await;
        self.is_at_work.store(false, Ordering::Relaxed);
        ended
    }

    /// From now on whoever relayed before can't move the checkpoint any more.
    async fn take_over(&self, lock: SessionLock) -> Result<(Lease, Relaying)> {
        log::adopt(&self.database).await?;
        let tx = self.database.begin_write().await?;
        let epoch = store::position::take_over(&tx, NAME, store::position::ALL_TOPICS).await?;
        tx.commit().await?;
        let checkpoint = store::position::relayed(&self.database, NAME).await?;
        tracing::info!(epoch, "this process relays");
        Ok((Lease { lock, epoch }, Relaying::behind(checkpoint)))
    }

    /// What was sent and not acknowledged must not arrive behind what is sent next.
    async fn renew(&self) {
        if let Err(error) = self.publisher.renew().await {
            tracing::warn!(%error, "the log can't be reached");
        }
    }
}
