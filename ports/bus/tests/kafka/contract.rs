//! The public suite of the port, unchanged, with each database.

use std::time::Duration;

use async_trait::async_trait;
use bus::contract::Harness;
use bus::{BusUrl, Groups, Kafka};
use chrono::DateTime;
use clock::{ManualClock, SeededRandom, Sources};
use database::{Connection, Database, DatabaseUrl, Vault};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};
use sea_orm::Statement;
use tempfile::TempDir;
use testkit::servers::postgres::TestDatabase;

use crate::postgres;
use crate::support::{fresh_prefix, kafka, plain_client, shared};

#[tokio::test(flavor = "multi_thread")]
async fn kafka_with_sqlite_keeps_the_contract() {
    if shared().is_some() {
        bus::contract::run_all::<OverKafka<TempDir>>().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_with_postgres_keeps_the_contract() {
    if shared().is_some() {
        bus::contract::run_all::<OverKafka<TestDatabase>>().await;
    }
}

/// A bus through Kafka, over a database in `place`.
struct OverKafka<P> {
    place: P,
    kafka: Kafka,
    clock: ManualClock,
    sources: Sources,
    database: Database,
}

/// Where a database of a test's own stands.
#[async_trait]
trait Place: Send + Sync + Sized {
    async fn fresh() -> Self;
    async fn open(&self, sources: Sources) -> Database;
    fn at_rest(&self, database: &Database) -> Vec<u8>;
}

#[async_trait]
impl<P: Place> Harness for OverKafka<P> {
    /// One partition, because clauses tell the order of effects across keys.
    async fn fresh() -> Self {
        let place = P::fresh().await;
        let clock = ManualClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let database = place.open(sources.clone()).await;
        database.migrate(bus::MIGRATIONS).await.unwrap();
        let kafka = kafka(&shared().unwrap(), &fresh_prefix(), 1);
        Self { place, kafka, clock, sources, database }
    }

    fn url(&self) -> BusUrl {
        BusUrl::Kafka(Box::new(self.kafka.clone()))
    }

    fn database(&self) -> &Database {
        &self.database
    }

    async fn connect(&self) -> Database {
        self.place.open(self.sources.clone()).await
    }

    async fn reconnect(&mut self) {
        self.database = self.connect().await;
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Every clause that rewinds has this one consumer.
    async fn rewind(&self) {
        let Groups::Each(prefix) = &self.kafka.groups else { panic!("each consumer has a group") };
        let mut config = plain_client(&self.kafka.brokers[0]);
        config.set("group.id", format!("{prefix}scribe"));
        let consumer: BaseConsumer = config.create().unwrap();
        let mut start = TopicPartitionList::new();
        let topic = &self.kafka.topics.names["contract_counted"];
        start.add_partition_offset(topic, 0, Offset::Offset(0)).unwrap();
        tokio::task::block_in_place(|| consumer.commit(&start, CommitMode::Sync)).unwrap();
    }

    fn at_rest(&self) -> Vec<u8> {
        self.place.at_rest(&self.database)
    }
}

#[async_trait]
impl Place for TempDir {
    async fn fresh() -> Self {
        tempfile::tempdir().unwrap()
    }

    async fn open(&self, sources: Sources) -> Database {
        let url = DatabaseUrl::Sqlite(self.path().join("database.sqlite"));
        Database::connect(&url, sources, Vault::new(b"a root key")).await.unwrap()
    }

    fn at_rest(&self, _database: &Database) -> Vec<u8> {
        let files = std::fs::read_dir(self.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

#[async_trait]
impl Place for TestDatabase {
    async fn fresh() -> Self {
        postgres::fresh().await.expect("servers are wanted")
    }

    async fn open(&self, sources: Sources) -> Database {
        postgres::open(self, sources).await
    }

    /// What the tables hold; the server's files are the server's.
    fn at_rest(&self, database: &Database) -> Vec<u8> {
        let read = async {
            let mut bytes = Vec::new();
            for table in ["bus_outbox", "bus_parked", "bus_dead_letter"] {
                bytes.extend(table.bytes());
                let select = format!("SELECT convert_to(t::text, 'UTF8') || t.payload FROM {table} t");
                let select = Statement::from_string(database.get_database_backend(), select);
                for row in database.query_all_raw(select).await.unwrap() {
                    bytes.extend(row.try_get_by_index::<Vec<u8>>(0).unwrap());
                }
            }
            bytes
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read))
    }
}
