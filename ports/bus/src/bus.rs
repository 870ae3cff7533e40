//! The bus of one process: its consumers at work on its database.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;
use database::{Database, DatabaseError, Result};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::consumer::Consumer;
use crate::embedded::Log;
use crate::kafka::{Clients, Kafka, Publisher, Reader, Transport};
use crate::relay::Relay;
use crate::runner::Worker;
use crate::source::Source;
use crate::status::Status;
use crate::{measures, store};

/// How often a bus that waits for rest polls Kafka.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How often Kafka is asked how far consumers are that read elsewhere.
const LAG_INTERVAL: Duration = Duration::from_secs(10);

/// Where events travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusUrl {
    /// Inside this process: consumers read the outbox itself.
    Embedded,
    /// Through Kafka, between processes.
    Kafka(Box<Kafka>),
}

/// Why a bus can't be opened. That Kafka is away is no reason.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What is set for Kafka can't be used, such as a file that is not there.
    #[error("Kafka can't be used as it is set: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
}

/// The consumers of one process, cheap to clone.
#[derive(Clone)]
pub struct Bus {
    pub(crate) database: Database,
    pub(crate) workers: Arc<[Arc<Worker>]>,
    pub(crate) remote: Option<Arc<Remote>>,
    progress: watch::Sender<u64>,
}

/// What it takes to meet other processes in Kafka.
pub(crate) struct Remote {
    pub(crate) kafka: Clients,
    pub(crate) readers: Vec<Reader>,
    pub(crate) relay: Relay<Publisher>,
    /// When Kafka is asked again how far consumers are that read elsewhere.
    next_poll: Mutex<Instant>,
    /// Consumers whose lag can't be read.
    unmeasured: Mutex<BTreeSet<String>>,
}

/// Of whom Kafka is asked how far they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The consumers of this process.
    Own,
    /// Those as well that read elsewhere.
    All,
}

impl Bus {
    /// Prepares `consumers`; from now on everything recorded waits for them. A process that only observes has none.
    ///
    /// # Errors
    /// The database failed, or Kafka can't be used as it is set.
    ///
    /// # Panics
    /// When two consumers share a name: the inbox would take one for the other.
    pub async fn open(url: &BusUrl, database: Database, consumers: Vec<Consumer>) -> Result<Self, OpenError> {
        measures::describe();
        let progress = watch::Sender::new(0);
        let kafka = match url {
            BusUrl::Embedded => None,
            BusUrl::Kafka(kafka) => Some(Clients::new(*kafka.clone(), &database)?),
        };
        let (mut workers, mut readers): (Vec<Arc<Worker>>, Vec<Reader>) = (Vec::new(), Vec::new());
        for consumer in consumers {
            let is_known = workers.iter().any(|worker| worker.consumer.name == consumer.name);
            assert!(!is_known, "two consumers are called {}", consumer.name);
            let source: Box<dyn Source> = match &kafka {
                None => Box::new(Log::open(&database, &consumer).await?),
                Some(kafka) => {
                    let (subscription, reader) = kafka.subscribe(&database, &consumer).await?;
                    readers.push(reader);
                    Box::new(subscription)
                }
            };
            workers.push(Arc::new(Worker::new(consumer, database.clone(), source, progress.clone())));
        }
        let remote = match kafka {
            None => None,
            Some(kafka) => {
                let relay = Relay::new(database.clone(), kafka.publisher(&database)?, progress.clone());
                let next_poll = Mutex::new(Instant::now());
                Some(Arc::new(Remote { kafka, readers, relay, next_poll, unmeasured: Mutex::default() }))
            }
        };
        Ok(Self { database, workers: workers.into(), remote, progress })
    }

    /// Lets the consumers work until `stop`; returns when each has finished the event at hand. Dropped, it stops at once,
    /// which loses and doubles nothing either.
    pub async fn run(&self, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        for worker in self.workers.iter() {
            let (reader, retrier) = (Arc::clone(worker), Arc::clone(worker));
            let (read_stop, retry_stop) = (stop.clone(), stop.clone());
            tasks.spawn(async move { reader.read(&read_stop).await });
            tasks.spawn(async move { retrier.retry(&retry_stop).await });
            let (expander, expand_stop) = (Arc::clone(worker), stop.clone());
            tasks.spawn(async move { expander.expand(&expand_stop).await });
        }
        if let Some(remote) = &self.remote {
            let (watched, relaying) = (Arc::clone(remote), Arc::clone(remote));
            let watch_stop = stop.clone();
            tasks.spawn(async move { watched.kafka.watch(&watched.readers, &watch_stop).await });
            tasks.spawn(async move { relaying.relay(&stop).await });
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }

    /// Returns when the running consumers have nothing to do: they have taken all that is recorded, also by each other, and
    /// nothing that is parked is due.
    ///
    /// # Errors
    /// The database failed.
    pub async fn idle(&self) -> Result<()> {
        let names: Vec<&str> = self.workers.iter().map(|worker| worker.consumer.name).collect();
        let mut progress = self.progress.subscribe();
        loop {
            // Seen before the poll, so that progress behind it ends the wait.
            progress.borrow_and_update();
            let now = self.database.sources().now();
            match &self.remote {
                None if self.is_still(&names, now).await? => return Ok(()),
                None => progress.changed().await.expect("the sender lives in self"),
                Some(remote) if self.is_at_rest(remote, &names).await? => return Ok(()),
                // What is on its way through Kafka makes no progress here until it arrives.
                Some(_) => drop(tokio::time::timeout(POLL_INTERVAL, progress.changed()).await),
            }
        }
    }

    /// Whether nothing was recorded, nor due, at any time of the poll.
    async fn is_still(&self, consumers: &[&str], now: Timestamp) -> Result<bool> {
        loop {
            let announcements = self.database.announcements();
            if self.is_expanding(now).await? || store::status::is_busy(&self.database, consumers, now).await? {
                return Ok(false);
            }
            if !announcements.has_changed().unwrap_or(false) {
                return Ok(true);
            }
        }
    }

    async fn is_expanding(&self, now: Timestamp) -> Result<bool> {
        let names: Vec<&str> = self.workers.iter().flat_map(|worker| worker.consumer.expansion_names()).collect();
        store::fan_out::is_due(&self.database, &names, now).await
    }

    /// Whether nothing was on its way at any time of the poll: neither recorded, nor in Kafka, nor due.
    async fn is_at_rest(&self, remote: &Remote, consumers: &[&str]) -> Result<bool> {
        let announcements = self.database.announcements();
        let now = self.database.sources().now();
        let is_busy =
            self.is_expanding(now).await? || store::status::is_busy_relaying(&self.database, consumers, now).await?;
        let is_at_rest = !is_busy && remote.have_taken_all().await;
        Ok(is_at_rest && !announcements.has_changed().unwrap_or(true))
    }

    /// How events travel at present; without Kafka nothing can come between.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.remote.as_ref().map_or(Transport::Up, |remote| remote.kafka.transport())
    }

    /// How the bus is doing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn status(&self) -> Result<Status> {
        match &self.remote {
            None => Status::read(&self.database).await,
            Some(remote) => remote.status(&self.database, Whose::All).await,
        }
    }
}

impl Remote {
    /// Whose lag is to be measured now: where the relay runs, from time to time that of all.
    pub(crate) fn whose(&self) -> Whose {
        let mut next = self.next_poll.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.relay.is_at_work() || Instant::now() < *next {
            return Whose::Own;
        }
        *next = Instant::now() + LAG_INTERVAL;
        Whose::All
    }

    /// Copies the outbox from when Kafka has answered on: before that there is nothing to copy to.
    async fn relay(&self, stop: &CancellationToken) {
        if stop.run_until_cancelled(self.kafka.answered()).await.is_some() {
            self.relay.run(stop).await;
        }
    }

    /// What stands in the database, and in Kafka as far as that answers. Of consumers that read elsewhere too if `whose` says so.
    pub(crate) async fn status(&self, database: &Database, whose: Whose) -> Result<Status> {
        let mut status = Status::read_relayed(database).await?;
        let is_away = matches!(self.kafka.transport(), Transport::Away { .. });
        for (consumer, topics) in status.subscriptions() {
            let is_asked = whose == Whose::All || self.readers.iter().any(|reader| reader.consumer == consumer);
            if !is_asked {
                status.leave_out(&consumer);
                continue;
            }
            if is_away {
                status.forget_lag(&consumer);
                continue;
            }
            match self.kafka.lag(&self.readers, &consumer, &topics).await {
                Ok(lags) => {
                    self.unmeasured().remove(&consumer);
                    status.add(&consumer, &lags, database.sources().now());
                }
                Err(error) => {
                    status.forget_lag(&consumer);
                    // Logged once, and not while the topics are still being made: this is asked every second.
                    if self.kafka.has_seen(&topics) && self.unmeasured().insert(consumer.clone()) {
                        tracing::warn!(consumer, %error, "the lag of a consumer can't be read");
                    } else {
                        tracing::debug!(consumer, %error, "the lag of a consumer can't be read yet");
                    }
                }
            }
        }
        Ok(status)
    }

    fn unmeasured(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.unmeasured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all readers of this process have taken all that their topics hold.
    async fn have_taken_all(&self) -> bool {
        for reader in &self.readers {
            match self.kafka.has_taken_all(reader).await {
                Ok(true) => (),
                Ok(false) | Err(_) => return false,
            }
        }
        true
    }
}
