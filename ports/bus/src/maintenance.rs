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
const KEPT: TimeDelta = TimeDelta::days(14);

impl Bus {
    /// One round of maintenance, wanted about every second: events that every consumer here has taken, or that the relay has
    /// copied, leave the outbox; what is older than 14 days leaves the inbox; and the gauges are set. A process that only
    /// looks, and neither consumes nor relays, only sets the gauges.
    ///
    /// # Errors
    /// The database failed; the next round goes on.
    pub async fn maintain(&self) -> Result<()> {
        let until = self.database.sources().now() - KEPT;
        match &self.remote {
            Some(remote) => remote.relay.maintain(until).await?,
            None if self.workers.is_empty() => (),
            None => {
                trimming::trim(&self.database, &self.readers(), until).await?;
                self.trim_unheard().await?;
            }
        }
        if !self.workers.is_empty() {
            self.trim_inbox().await?;
        }
        self.status().await?.measure();
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
        store::outbox::trim_unheard(&tx, &heard, tx.now() - KEPT, BATCH).await?;
        tx.commit().await
    }

    async fn trim_inbox(&self) -> Result<()> {
        loop {
            // Other processes of the same consumers do the same.
            let tx = self.database.begin_write_on("trimming the inbox").await?;
            let trimmed = store::inbox::trim(&tx, tx.now() - KEPT, BATCH).await?;
            tx.commit().await?;
            if trimmed < BATCH {
                return Ok(());
            }
        }
    }
}
