//! What the tests share: a database, topics and groups of their own on one broker, and clients that know nothing of us.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bus::{
    Bus, BusUrl, Compression, Consumer, Groups, HearError, Heard, Hears, Kafka, MIGRATIONS, OffsetReset, Security,
    Topics, Transport, outbox,
};
use clock::Sources;
use contracts::schemars::{self, JsonSchema};
use contracts::{Event, event_schemas};
use database::{Connection, Database, DatabaseUrl, Vault, WriteTransaction};
use rdkafka::ClientConfig;
use sea_orm::{QueryResult, Statement};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The shared broker; `None` in an embedded run.
pub(crate) fn shared() -> Option<String> {
    testkit::servers::shared::kafka()
}

/// A name that no other test uses.
pub(crate) fn fresh_prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let random: [u8; 4] = Sources::system().bytes();
    format!("t{:08x}-{}-", u32::from_be_bytes(random), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A Kafka of its own for one test: topics and groups have `prefix` in front.
pub(crate) fn kafka(brokers: &str, prefix: &str, partitions: u32) -> Kafka {
    let topics = bus::contract::TOPICS.into_iter().chain([Noted::TOPIC]);
    let topics = topics.chain(event_schemas().into_iter().map(|event| event.topic));
    Kafka {
        brokers: vec![brokers.to_owned()],
        security: Security::Plaintext,
        groups: Groups::Each(prefix.to_owned()),
        instance: "test".to_owned(),
        offset_reset: OffsetReset::Earliest,
        compression: Compression::None,
        topics: Topics {
            names: topics.map(|topic| (topic, format!("{prefix}{topic}"))).collect(),
            partitions: NonZeroU32::new(partitions).unwrap(),
            replication: NonZeroU32::MIN,
        },
    }
}

/// An event of these tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Noted {
    pub(crate) key: String,
    pub(crate) number: u32,
    /// Makes it as long as a test needs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) padding: String,
}

impl Noted {
    pub(crate) fn new(key: &str, number: u32) -> Self {
        Self { key: key.to_owned(), number, padding: String::new() }
    }
}

impl Event for Noted {
    const TOPIC: &'static str = "noted";
    const TYPE: &'static str = "test.noted.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// Writes down what it hears, in the database of its process.
pub(crate) struct Noter;

#[async_trait]
impl Hears<Noted> for Noter {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Noted>) -> Result<(), HearError> {
        let Noted { key, number, .. } = &heard.event;
        let insert = "INSERT INTO test_note (key, number) VALUES ($1, $2)";
        let values = [key.as_str().into(), number.cast_signed().into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), insert, values);
        tx.execute_raw(statement).await.map_err(database::DatabaseError::from)?;
        Ok(())
    }
}

/// A bus at work on a database of its own, as one process has it.
pub(crate) struct Process {
    pub(crate) database: Database,
    pub(crate) bus: Bus,
    stop: CancellationToken,
    run: JoinSet<()>,
    folder: Arc<TempDir>,
}

impl Process {
    pub(crate) async fn start(kafka: Kafka, consumers: Vec<Consumer>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let database = open(&folder).await;
        Self::over(kafka, consumers, database, folder).await
    }

    pub(crate) async fn over(kafka: Kafka, consumers: Vec<Consumer>, database: Database, folder: Arc<TempDir>) -> Self {
        let bus = Bus::open(&BusUrl::Kafka(Box::new(kafka)), database.clone(), consumers).await.unwrap();
        let (mut run, stop) = (JoinSet::new(), CancellationToken::new());
        run.spawn({
            let (bus, stop) = (bus.clone(), stop.clone());
            async move { bus.run(stop).await }
        });
        Self { database, bus, stop, run, folder }
    }

    /// Another process on the database of `other`, as a replica has it.
    pub(crate) async fn beside(other: &Self, kafka: Kafka, consumers: Vec<Consumer>) -> Self {
        let folder = Arc::clone(&other.folder);
        Self::over(kafka, consumers, open(&folder).await, folder).await
    }

    /// Returns when there is nothing to do.
    pub(crate) async fn idle(self) -> Self {
        tokio::time::timeout(DEADLINE, self.bus.idle()).await.unwrap().unwrap();
        self
    }

    /// Stops as a program does that was asked to.
    pub(crate) async fn stop(mut self) -> Self {
        self.stop.cancel();
        tokio::time::timeout(DEADLINE, self.run.join_next()).await.unwrap().unwrap().unwrap();
        self
    }

    pub(crate) async fn record(&self, event: &impl Event) {
        let tx = self.database.begin_write().await.unwrap();
        outbox::record(&tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What had an effect, in the order of the effects.
    pub(crate) async fn notes(&self) -> Vec<(String, u32)> {
        let select = "SELECT key, number FROM test_note ORDER BY seq";
        let statement = Statement::from_string(self.database.get_database_backend(), select);
        let rows = self.database.query_all_raw(statement).await.unwrap();
        let number = |row: &QueryResult| row.try_get_by_index::<i32>(1).unwrap().cast_unsigned();
        rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), number(row))).collect()
    }

    pub(crate) async fn notes_of(&self, key: &str) -> Vec<u32> {
        self.notes().await.into_iter().filter(|note| note.0 == key).map(|note| note.1).collect()
    }

    pub(crate) async fn wait_for_notes(&self, count: usize) {
        eventually(async || self.notes().await.len() >= count).await;
    }

    /// Waits until events travel as `is_so` says.
    pub(crate) async fn wait_for_transport(&self, is_so: impl Fn(&Transport) -> bool) -> Transport {
        eventually(async || is_so(&self.bus.transport())).await;
        self.bus.transport()
    }

    pub(crate) async fn note(&self, key: &str, number: u32) {
        self.record(&Noted::new(key, number)).await;
    }
}

/// The consumer of [`Noted`].
pub(crate) fn noter() -> Consumer {
    Consumer::named("noter").hears::<Noted>(Noter)
}

pub(crate) async fn open(folder: &TempDir) -> Database {
    let url = DatabaseUrl::Sqlite(folder.path().join("database.sqlite"));
    let database = Database::connect(&url, Sources::system(), Vault::new(b"a root key")).await.unwrap();
    database.migrate(MIGRATIONS).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS test_note (seq INTEGER PRIMARY KEY, key TEXT, number INTEGER)";
    tx.execute_unprepared(table).await.unwrap();
    tx.commit().await.unwrap();
    database
}

/// Returns when `is_so`, or fails.
pub(crate) async fn eventually(is_so: impl AsyncFn() -> bool) {
    let sources = Sources::system();
    let deadline = sources.now() + DEADLINE;
    while !is_so().await {
        assert!(sources.now() < deadline, "this should not take that long");
        sources.sleep(Duration::from_millis(10)).await;
    }
}

/// The settings of a client that knows nothing of ours.
pub(crate) fn plain_client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}
