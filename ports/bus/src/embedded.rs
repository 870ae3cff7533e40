//! The outbox read directly as the log that it is, by the process that writes it.
//!
//! The reading position of each consumer and topic stands in `bus_position`, where Kafka would keep committed offsets. It
//! is stored after the effects; a crash in between delivers again what the inbox knows already.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use database::{Database, Result};
use tokio::sync::watch;

use crate::consumer::Consumer;
use crate::log::{self, Batch, Mark};
use crate::source::{Arrival, Source};
use crate::store;
use crate::store::outbox::Wanted;

/// Deliveries read at once.
const BATCH: u64 = 100;
/// Nobody takes over from the one process that reads the log itself.
const ALONE: i64 = 0;
/// How soon an event is seen that another process recorded, such as the command line beside a server.
const POLL: Duration = Duration::from_secs(1);

/// What one consumer reads of the outbox.
pub(crate) struct Log {
    database: Database,
    consumer: &'static str,
    /// Behind what to read, by topic.
    positions: BTreeMap<String, Mark>,
    /// What was received last, by topic.
    received: BTreeMap<String, Batch>,
    announcements: watch::Receiver<u64>,
}

impl Log {
    pub(crate) async fn open(database: &Database, consumer: &Consumer) -> Result<Self> {
        log::adopt(database).await?;
        consumer.register(database).await?;
        let mut positions = store::position::of(database, consumer.name).await?;
        positions.retain(|topic, _| consumer.handler(topic).is_some());
        let announcements = database.announcements();
        Ok(Self {
            database: database.clone(),
            consumer: consumer.name,
            positions,
            received: BTreeMap::new(),
            announcements,
        })
    }

    async fn read(&mut self) -> Result<Vec<Arrival>> {
        let mut arrivals = Vec::new();
        for (topic, position) in &mut self.positions {
            let wanted = Wanted { topic: Some(topic), limit: BATCH };
            let batch = log::read(&self.database, position, wanted).await?;
            if batch.arrivals.is_empty() {
                *position = batch.end;
            } else {
                arrivals.extend_from_slice(&batch.arrivals);
                self.received.insert(topic.clone(), batch);
            }
        }
        arrivals.sort_by_key(|arrival| arrival.offset);
        Ok(arrivals)
    }
}

#[async_trait]
impl Source for Log {
    async fn receive(&mut self) -> Result<Vec<Arrival>> {
        loop {
            // Seen before the look, so that a commit behind it ends the wait.
            self.announcements.borrow_and_update();
            let arrivals = self.read().await?;
            if !arrivals.is_empty() {
                return Ok(arrivals);
            }
            tokio::select! {
                _ = self.announcements.changed() => (),
                () = self.database.sources().sleep(POLL) => (),
            }
        }
    }

    async fn acknowledge(&mut self, arrivals: &[Arrival]) -> Result<()> {
        let mut positions = BTreeMap::new();
        for Arrival { offset, delivery } in arrivals {
            if let Some(batch) = self.received.get(&delivery.topic) {
                positions.insert(delivery.topic.clone(), batch.mark_at(*offset));
            }
        }
        let tx = self.database.begin_write().await?;
        for (topic, position) in &positions {
            store::position::advance(&tx, (self.consumer, topic), position, ALONE).await?;
        }
        tx.commit().await?;
        self.positions.extend(positions);
        Ok(())
    }
}
