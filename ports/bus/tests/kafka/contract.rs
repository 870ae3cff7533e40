//! The public suite of the port, unchanged, with each database.

use std::time::Duration;

use async_trait::async_trait;
use bus::contract::Harness;
use bus::{BusUrl, Groups, Kafka};
use database::Database;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};
use tempfile::TempDir;
use testkit::servers::postgres::TestDatabase;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::databases::place::{Place, Placed};
use crate::support::{fresh_prefix, kafka, plain_client, shared};

mod kafka_with_sqlite {
    use super::*;

    bus::contract!(OverKafka<TempDir>);
}

mod kafka_with_postgres {
    use super::*;

    bus::contract!(OverKafka<TestDatabase>);
}

/// How many clauses work with the broker at the same time: each has a few clients, which all wait for that one process.
static CLAUSES: Semaphore = Semaphore::const_new(4);

/// A bus through Kafka.
struct OverKafka<P> {
    placed: Placed<P>,
    kafka: Kafka,
    _permit: SemaphorePermit<'static>,
}

#[async_trait]
impl<P: Place> Harness for OverKafka<P> {
    fn is_wanted() -> bool {
        P::is_wanted() && shared().is_some()
    }

    /// One partition, because clauses check the order of effects across keys.
    async fn fresh() -> Self {
        let permit = CLAUSES.acquire().await.unwrap();
        let kafka = kafka(&shared().unwrap(), &fresh_prefix(), 1);
        Self { placed: Placed::fresh().await, kafka, _permit: permit }
    }

    fn url(&self) -> BusUrl {
        BusUrl::Kafka(Box::new(self.kafka.clone()))
    }

    fn database(&self) -> &Database {
        &self.placed.database
    }

    async fn connect(&self) -> Database {
        self.placed.connect().await
    }

    async fn reconnect(&mut self) {
        self.placed.database = self.connect().await;
    }

    fn pass(&self, time: Duration) {
        self.placed.clock.advance(time);
    }

    fn set_back(&self, time: Duration) {
        self.placed.clock.set_back(time);
    }

    /// Every clause that rewinds has this one consumer.
    async fn rewind(&self) {
        let Groups::Each(prefix) = &self.kafka.groups else { panic!("each consumer has a group") };
        let mut config = plain_client(&self.kafka.brokers[0]);
        config.set("group.id", format!("{prefix}recorder"));
        let consumer: BaseConsumer = config.create().unwrap();
        let mut start = TopicPartitionList::new();
        let topic = &self.kafka.topics.names["contract_counted"];
        start.add_partition_offset(topic, 0, Offset::Offset(0)).unwrap();
        tokio::task::block_in_place(|| consumer.commit(&start, CommitMode::Sync)).unwrap();
    }

    fn at_rest(&self) -> Vec<u8> {
        self.placed.at_rest()
    }
}
