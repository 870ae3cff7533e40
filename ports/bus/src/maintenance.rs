//! What nobody needs any more leaves the tables.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use database::Result;

use crate::{Bus, store};

/// Rows deleted in one transaction, so that other writers are not kept waiting.
const BATCH: u64 = 500;
/// How long the inbox knows an event, and how long events remain that nobody in this process hears.
const KEPT: TimeDelta = TimeDelta::days(14);

impl Bus {
    /// One round of maintenance, wanted about every second: events that every consumer here has taken leave the outbox,
    /// what is older than 14 days leaves the inbox, and the gauges are set. Without consumers it only sets the gauges.
    ///
    /// # Errors
    /// The database failed; the next round goes on.
    pub async fn maintain(&self) -> Result<()> {
        if !self.workers.is_empty() {
            self.trim_outbox().await?;
            self.trim_unheard().await?;
            self.trim_inbox().await?;
        }
        self.status().await?.measure();
        Ok(())
    }

    async fn trim_outbox(&self) -> Result<()> {
        for (topic, position) in self.passed().await? {
            loop {
                let tx = self.database.begin_write().await?;
                let trimmed = store::outbox::trim(&tx, &topic, position, BATCH).await?;
                tx.commit().await?;
                if trimmed < BATCH {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Up to where all consumers of this process have read, by topic.
    async fn passed(&self) -> Result<BTreeMap<String, i64>> {
        let mut passed = BTreeMap::new();
        for worker in self.workers.iter() {
            for (topic, position) in store::position::of(&self.database, worker.consumer.name).await? {
                if worker.consumer.handler(&topic).is_some() {
                    passed.entry(topic).and_modify(|least: &mut i64| *least = position.min(*least)).or_insert(position);
                }
            }
        }
        Ok(passed)
    }

    async fn trim_unheard(&self) -> Result<()> {
        let heard: Vec<&str> = self.workers.iter().flat_map(|worker| worker.consumer.topics()).collect();
        let tx = self.database.begin_write().await?;
        store::outbox::trim_unheard(&tx, &heard, tx.now() - KEPT, BATCH).await?;
        tx.commit().await
    }

    async fn trim_inbox(&self) -> Result<()> {
        loop {
            let tx = self.database.begin_write().await?;
            let trimmed = store::inbox::trim(&tx, tx.now() - KEPT, BATCH).await?;
            tx.commit().await?;
            if trimmed < BATCH {
                return Ok(());
            }
        }
    }
}
