//! What nobody needs any more leaves the tables.

use std::sync::Arc;

use chrono::TimeDelta;
use database::Result;

use crate::log::trimming;
use crate::runner::Worker;
use crate::{Bus, store};

/// Rows deleted in one transaction, so that other writers are not kept waiting.
const BATCH: u64 = 500;
/// How long the inbox knows an event, and how long events remain that nobody in this process hears.
pub(crate) const INBOX_RETENTION: TimeDelta = TimeDelta::days(14);
/// How long a dead letter remains after it was closed.
const CLOSED_RETENTION: TimeDelta = TimeDelta::days(90);

impl Bus {
    /// One round of maintenance, wanted about every second: events that every consumer here has taken, or that the relay has
    /// copied, leave the outbox; what is older than 14 days leaves the inbox; dead letters leave 90 days after they were
    /// closed; and the gauges are set. A process that only observes, and neither consumes nor relays, only sets the gauges.
    ///
    /// # Errors
    /// The database failed at one part of it; the others are done, and the next round goes on.
    pub async fn maintain(&self) -> Result<()> {
        let parts = [
            ("outbox", self.trim_outbox().await),
            ("inbox", self.trim_inbox().await),
            ("dead letters", self.trim_letters().await),
            ("gauges", self.measure().await),
        ];
        let mut ended = Ok(());
        for (part, done) in parts {
            match (done, &ended) {
                (Ok(()), _) => (),
                (Err(error), Ok(())) => ended = Err(error),
                (Err(error), Err(_)) => tracing::warn!(part, %error, "a part of the maintenance failed, too"),
            }
        }
        ended
    }

    async fn trim_outbox(&self) -> Result<()> {
        let until = self.database.sources().now() - INBOX_RETENTION;
        match &self.remote {
            Some(remote) => remote.relay.maintain(until).await,
            None if self.workers.is_empty() => Ok(()),
            None => {
                trimming::trim(&self.database, &self.readers(), until).await?;
                self.trim_unheard().await
            }
        }
    }

    /// Asks Kafka less often about consumers that read elsewhere, and only where the relay runs.
    async fn measure(&self) -> Result<()> {
        // Taken before, so that nothing is said to be heard that came since.
        let now = self.database.sources().now();
        let status = match &self.remote {
            None => self.status().await?,
            Some(remote) => remote.status(&self.database, remote.whose()).await?,
        };
        status.measure();
        for worker in self.workers.iter() {
            for (topic, heard_until) in worker.consumer.dated() {
                if let Some(age) = status.age(worker.consumer.name, topic) {
                    heard_until.set(now - age);
                }
            }
        }
        Ok(())
    }

    /// Who reads what in this process: others may stand in the tables that nobody runs any more.
    fn readers(&self) -> Vec<(&'static str, &'static str)> {
        let readers = |worker: &'_ Arc<Worker>| {
            let name = worker.consumer.name;
            worker.consumer.topics().map(move |topic| (name, topic)).collect::<Vec<_>>()
        };
        self.workers.iter().flat_map(readers).collect()
    }

    async fn trim_unheard(&self) -> Result<()> {
        let heard: Vec<&str> = self.workers.iter().flat_map(|worker| worker.consumer.topics()).collect();
        let tx = self.database.begin_write().await?;
        store::outbox::trim_unheard(&tx, &heard, tx.now() - INBOX_RETENTION, BATCH).await?;
        tx.commit().await
    }

    async fn trim_letters(&self) -> Result<()> {
        if self.workers.is_empty() {
            return Ok(());
        }
        loop {
            let tx = self.database.begin_locked("trimming the dead letters").await?;
            let trimmed = store::dead_letter::trim(&tx, tx.now() - CLOSED_RETENTION, BATCH).await?;
            tx.commit().await?;
            if trimmed < BATCH {
                return Ok(());
            }
        }
    }

    async fn trim_inbox(&self) -> Result<()> {
        if self.workers.is_empty() {
            return Ok(());
        }
        loop {
            // Other processes of the same consumers do the same.
            let tx = self.database.begin_locked("trimming the inbox").await?;
            let trimmed = store::inbox::trim(&tx, tx.now() - INBOX_RETENTION, BATCH).await?;
            tx.commit().await?;
            if trimmed < BATCH {
                return Ok(());
            }
        }
    }
}
