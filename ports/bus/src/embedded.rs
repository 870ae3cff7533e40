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
use crate::source::{Arrival, Source};
use crate::store;

/// Deliveries read at once.
const BATCH: u64 = 100;
/// How soon an event is seen that another process recorded, such as the command line beside a server.
const POLL: Duration = Duration::from_secs(1);

/// What one consumer reads of the outbox.
pub(crate) struct Log {
    database: Database,
    consumer: &'static str,
    /// Behind which row to read, by topic.
    positions: BTreeMap<String, i64>,
    announcements: watch::Receiver<u64>,
}

impl Log {
    pub(crate) async fn open(database: &Database, consumer: &Consumer) -> Result<Self> {
        let tx = database.begin_write().await?;
        for topic in consumer.topics() {
            store::position::register(&tx, consumer.name, topic).await?;
        }
        tx.commit().await?;
        let mut positions = store::position::of(database, consumer.name).await?;
        positions.retain(|topic, _| consumer.handler(topic).is_some());
        let announcements = database.announcements();
        Ok(Self { database: database.clone(), consumer: consumer.name, positions, announcements })
    }

    async fn read(&self) -> Result<Vec<Arrival>> {
        let mut arrivals = Vec::new();
        for (topic, position) in &self.positions {
            arrivals.extend(store::outbox::behind(&self.database, topic, *position, BATCH).await?);
        }
        arrivals.sort_unstable_by_key(|arrival| arrival.offset);
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
        for arrival in arrivals {
            positions.insert(arrival.delivery.topic.as_str(), arrival.offset);
        }
        let tx = self.database.begin_write().await?;
        for (topic, position) in &positions {
            store::position::advance(&tx, self.consumer, topic, *position).await?;
        }
        tx.commit().await?;
        self.positions.extend(positions.into_iter().map(|(topic, position)| (topic.to_owned(), position)));
        Ok(())
    }
}
