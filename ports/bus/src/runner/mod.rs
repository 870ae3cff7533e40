//! One consumer at work: it takes arrivals from its source, and tries again what it parked.

mod attempt;
mod expander;
mod ledger;
mod misdated;
mod reader;
mod retrier;
mod work;

use std::fmt::Display;

use clock::Sources;
use database::Database;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::consumer::Consumer;
use crate::model::RetryPolicy;
use crate::real_time;
use crate::source::Source;

const POLICY: RetryPolicy = RetryPolicy::STANDARD;

/// A consumer, its source and its database.
pub(crate) struct Worker {
    pub(crate) consumer: Consumer,
    database: Database,
    source: Mutex<Box<dyn Source>>,
    /// Whether the source may deliver again what the inbox has forgotten.
    outlives_inbox: bool,
    /// Counts what may have brought the bus to rest.
    progress: watch::Sender<u64>,
}

/// The program is to stop, so the event at hand is left to the next run.
#[derive(Debug)]
struct Stopped;

impl Worker {
    pub(crate) fn new(
        consumer: Consumer,
        database: Database,
        source: Box<dyn Source>,
        progress: watch::Sender<u64>,
    ) -> Self {
        let outlives_inbox = source.outlives_inbox();
        Self { consumer, database, source: Mutex::new(source), outlives_inbox, progress }
    }

    fn sources(&self) -> &Sources {
        self.database.sources()
    }

    fn has_progressed(&self) {
        self.progress.send_modify(|count| *count += 1);
    }
}

/// One stretch of waiting for a database that is away.
#[derive(Default)]
struct OutageBackoff {
    waits: u32,
}

impl OutageBackoff {
    /// Waits a little longer than the last time.
    async fn wait(&mut self, worker: &Worker, reason: &impl Display, stop: &CancellationToken) -> Result<(), Stopped> {
        self.waits = self.waits.saturating_add(1);
        tracing::warn!(consumer = worker.consumer.name, %reason, waits = self.waits, "waiting for the database");
        let delay = POLICY.away.pause(self.waits, worker.sources().fraction());
        stop.run_until_cancelled(real_time::pause(delay)).await.ok_or(Stopped)
    }
}
