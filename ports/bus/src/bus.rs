//! The bus of one process: its consumers at work on its database.

use std::sync::Arc;

use database::{Database, Result};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::consumer::Consumer;
use crate::embedded::Log;
use crate::runner::Worker;
use crate::source::Source;
use crate::status::Status;
use crate::store;

/// Where events travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusUrl {
    /// Inside this process: consumers read the outbox itself.
    Embedded,
}

/// The consumers of one process, cheap to clone.
#[derive(Clone)]
pub struct Bus {
    pub(crate) database: Database,
    pub(crate) workers: Arc<[Arc<Worker>]>,
    progress: watch::Sender<u64>,
}

impl Bus {
    /// Prepares `consumers`; from now on everything recorded waits for them. A process that only looks has none.
    ///
    /// # Errors
    /// The database failed.
    ///
    /// # Panics
    /// When two consumers share a name: the inbox could not tell them apart.
    pub async fn open(url: &BusUrl, database: Database, consumers: Vec<Consumer>) -> Result<Self> {
        let progress = watch::Sender::new(0);
        let mut workers: Vec<Arc<Worker>> = Vec::new();
        for consumer in consumers {
            let is_known = workers.iter().any(|worker| worker.consumer.name == consumer.name);
            assert!(!is_known, "two consumers are called {}", consumer.name);
            let source: Box<dyn Source> = match url {
                BusUrl::Embedded => Box::new(Log::open(&database, &consumer).await?),
            };
            workers.push(Arc::new(Worker::new(consumer, database.clone(), source, progress.clone())));
        }
        Ok(Self { database, workers: workers.into(), progress })
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
            // Seen before the look, so that progress behind it ends the wait.
            progress.borrow_and_update();
            if !store::status::is_busy(&self.database, &names, self.database.sources().now()).await? {
                return Ok(());
            }
            progress.changed().await.expect("the sender lives in self");
        }
    }

    /// How the bus is doing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn status(&self) -> Result<Status> {
        Status::read(&self.database).await
    }
}
