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
use crate::log::{self, Batch};
use crate::model::position::LogPosition;
use crate::source::{Arrival, Source};
use crate::store::outbox::Wanted;
use crate::{measures, store};

/// Deliveries read at once.
const BATCH: u64 = 100;
/// Nobody takes over from the one process that reads the log itself.
const ALONE: i64 = 0;
/// How soon an event is seen that another process recorded, such as the command line beside a server.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

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

    /// Goes back to what the database knows: another server may have it by now, which has done less than was read here.
    async fn begin_anew(&mut self) -> Result<()> {
        tracing::info!(
            consumer = self.consumer,
            "the database was started again, or has another server; its log is read from where that stands"
        );
        log::adopt(&self.database).await?;
        for (name, position) in store::position::of(&self.database, self.consumer).await? {
            if let Some(topic) = self.topics.get_mut(&name) {
                (topic.position, topic.received, topic.may_find_more) = (position, None, true);
            }
        }
        Ok(())
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
            if topic.position.is_of_another_server(&batch.end) {
                self.begin_anew().await?;
                return Ok(Vec::new());
            }
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
                () = self.database.sources().sleep(POLL_INTERVAL) => self.expect_more(),
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
            if !store::position::advance(&tx, (self.consumer, topic), position, ALONE).await? {
                drop(tx);
                return self.begin_anew().await;
            }
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

#[cfg(test)]
mod tests {
    use database::WriteTransaction;
    use tokio::time::timeout;

    use super::*;
    use crate::log::tests::{Noted, fresh, record};
    use crate::model::position::SnapshotRange;
    use crate::{HearError, Heard, Hears};

    struct Ear;

    #[async_trait]
    impl Hears<Noted> for Ear {
        async fn hear(&self, _: &WriteTransaction, _: &Heard<Noted>) -> Result<(), HearError> {
            Ok(())
        }
    }

    /// The server that answered `position` is another one than the one that is there.
    fn of_another_server(position: &mut LogPosition) {
        let SnapshotRange::Between { server, .. } = &mut position.cut else { panic!("this is Postgres") };
        *server = "of before".into();
    }

    /// Sorted, because one commit may give them any order.
    fn keys(arrivals: &[Arrival]) -> Vec<String> {
        let mut keys: Vec<_> = arrivals.iter().map(|arrival| arrival.delivery.key.clone()).collect();
        keys.sort();
        keys
    }

    async fn receive(log: &mut Log) -> Vec<Arrival> {
        timeout(Duration::from_secs(30), log.receive()).await.expect("nothing is left out").unwrap()
    }

    /// A replica that lagged gives to others the numbers of transactions that the server before it had done. They may be past
    /// what was read there before anybody reads again.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_goes_back_to_what_another_server_knows_though_that_is_past_what_was_read() {
        let Some((_place, database)) = fresh().await else { return };
        let mut log = Log::open(&database, &Consumer::named("reader").hears::<Noted>(Ear)).await.unwrap();
        record(&database, [1, 2]).await;
        let before = receive(&mut log).await;
        log.acknowledge(&before).await.unwrap();
        record(&database, [3, 4]).await;
        // As far as this one, which nobody stored, the server before it was read.
        for (name, topic) in &mut log.topics {
            let wanted = Wanted { topic: Some(name), limit: BATCH };
            topic.position = log::read(&database, &topic.position, wanted).await.unwrap().end;
            of_another_server(&mut topic.position);
        }

        record(&database, [5, 6]).await;
        let received = receive(&mut log).await;

        assert_eq!(
            (keys(&before), keys(&received)),
            (vec!["1".to_owned(), "2".to_owned()], ["3", "4", "5", "6"].map(str::to_owned).to_vec())
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_one_server_gave_is_acknowledged_at_no_other() {
        let Some((_place, database)) = fresh().await else { return };
        let mut log = Log::open(&database, &Consumer::named("reader").hears::<Noted>(Ear)).await.unwrap();
        record(&database, [1, 2]).await;
        let received = receive(&mut log).await;
        let stored = async || store::position::of(&database, "reader").await.unwrap();
        let before = stored().await;
        for topic in log.topics.values_mut() {
            of_another_server(&mut topic.received.as_mut().unwrap().end);
        }

        log.acknowledge(&received).await.unwrap();

        assert_eq!(stored().await, before);
        assert_eq!(keys(&receive(&mut log).await), keys(&received));
    }
}
