//! The outbox read directly as the log that it is, by the process that writes it.
//!
//! The reading position of each consumer and topic stands in `bus_position`, where Kafka would keep committed offsets. It
//! is stored after the effects; a crash in between delivers again what the inbox knows already.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use database::{Database, Result};
use tokio::sync::watch;

use crate::announced::{Subject, any_of};
use crate::consumer::Consumer;
use crate::log::{self, Batch, LogPosition};
use crate::source::{Arrival, Source};
use crate::store::outbox::Wanted;
use crate::{measures, store};

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
    topics: BTreeMap<String, Topic>,
}

/// What it reads of one topic.
struct Topic {
    /// Behind what to read.
    position: LogPosition,
    /// What was received last.
    received: Option<Batch>,
    announced: watch::Receiver<u64>,
    /// Whether rows may stand there that it has not read.
    may_find_more: bool,
}

impl Log {
    pub(crate) async fn open(database: &Database, consumer: &Consumer) -> Result<Self> {
        log::adopt(database).await?;
        consumer.register(database).await?;
        let positions = store::position::of(database, consumer.name).await?;
        let heard = positions.into_iter().filter(|(topic, _)| consumer.handler(topic).is_some());
        let topics = heard.map(|(name, position)| {
            let announced = Subject::RecordedIn(&name).of(database);
            (name, Topic { position, received: None, announced, may_find_more: true })
        });
        Ok(Self { database: database.clone(), consumer: consumer.name, topics: topics.collect() })
    }

    /// Another process announces nothing here.
    fn expect_more(&mut self) {
        self.topics.values_mut().for_each(|topic| topic.may_find_more = true);
    }

    async fn read(&mut self) -> Result<Vec<Arrival>> {
        let mut arrivals = Vec::new();
        for (name, topic) in &mut self.topics {
            topic.may_find_more |= topic.announced.has_changed().unwrap_or(true);
            if !topic.may_find_more {
                continue;
            }
            // Seen before the query, so that a commit behind it ends the wait.
            topic.announced.borrow_and_update();
            measures::count_poll(self.consumer, "log");
            let wanted = Wanted { topic: Some(name), limit: BATCH };
            let batch = log::read(&self.database, &topic.position, wanted).await?;
            if batch.arrivals.is_empty() {
                topic.position = batch.end;
                topic.may_find_more = false;
            } else {
                // What is not acknowledged is read again.
                arrivals.extend_from_slice(&batch.arrivals);
                topic.received = Some(batch);
            }
        }
        arrivals.sort_by_key(|arrival| arrival.offset);
        Ok(arrivals)
    }
}

#[async_trait]
impl Source for Log {
    fn begin(&mut self) {
        self.expect_more();
    }

    async fn receive(&mut self) -> Result<Vec<Arrival>> {
        loop {
            let arrivals = self.read().await?;
            if !arrivals.is_empty() {
                return Ok(arrivals);
            }
            tokio::select! {
                () = any_of(self.topics.values().map(|topic| &topic.announced)) => (),
                () = self.database.sources().sleep(POLL) => self.expect_more(),
            }
        }
    }

    async fn acknowledge(&mut self, arrivals: &[Arrival]) -> Result<()> {
        let mut positions = BTreeMap::new();
        for Arrival { offset, delivery } in arrivals {
            if let Some(batch) = self.topics.get(&delivery.topic).and_then(|topic| topic.received.as_ref()) {
                positions.insert(delivery.topic.clone(), batch.position_at(*offset));
            }
        }
        let tx = self.database.begin_write().await?;
        for (topic, position) in &positions {
            store::position::advance(&tx, (self.consumer, topic), position, ALONE).await?;
        }
        tx.commit().await?;
        for (name, position) in positions {
            if let Some(topic) = self.topics.get_mut(&name) {
                let is_at_end = topic.received.as_ref().is_some_and(|batch| batch.is_last && batch.end == position);
                topic.may_find_more = !is_at_end;
                topic.position = position;
            }
        }
        Ok(())
    }
}
