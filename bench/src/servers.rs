//! Kafka, Postgres and Redis, each a server of the bench's own, as durable as in production.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Result;
use bus::{BusUrl, Compression, Groups, Kafka, OffsetReset, Security, Topics};
use clock::Sources;
use contracts::{Event, UserCreated};
use database::{Database, DatabaseUrl, Postgres, Vault};
use tempfile::TempDir;
use testkit::servers::Together;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::postgres::PostgresServer;
use testkit::servers::redis::RedisServer;

use crate::store;

/// Partitions of each topic, as many as the platform makes.
pub(crate) const PARTITIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(5);
/// By which processes of a service open what one of them has sealed.
pub(crate) const SECRET_KEY: &str = "only-for-the-bench-0123456789abcdef";
/// Long enough for a statement that fills a table.
const FILLING: Duration = Duration::from_secs(600);

/// The servers; dropped, they end.
pub(crate) struct Servers {
    pub(crate) redis: RedisServer,
    pub(crate) kafka: KafkaServer,
    postgres: PostgresServer,
    pub(crate) sources: Sources,
    _folder: TempDir,
}

impl Servers {
    /// Starts them all. Postgres keeps what it has committed over a power loss: a commit that need not wait for the disk
    /// would flatter whatever commits.
    pub(crate) async fn start() -> Result<Self> {
        let Together { redis, kafka, postgres, folder } = Together::start("bench-").await?;
        Ok(Self { redis, kafka, postgres, sources: Sources::system(), _folder: folder })
    }

    pub(crate) fn postgres_port(&self) -> u16 {
        self.postgres.port()
    }

    /// A new database with the tables of the bus.
    pub(crate) async fn outbox(&self, name: &str) -> Result<Database> {
        self.outbox_at(self.address(name)).await
    }

    /// The same with a connection for each of so many clients.
    pub(crate) async fn outbox_for(&self, name: &str, clients: NonZeroU32) -> Result<Database> {
        self.outbox_at(Postgres { pool_size: clients, ..self.address(name) }).await
    }

    async fn outbox_at(&self, address: Postgres) -> Result<Database> {
        self.make_database(&address.name).await?;
        let database = self.open(address).await?;
        database.migrate(bus::MIGRATIONS).await?;
        Ok(database)
    }

    /// Makes the empty database `name`.
    pub(crate) async fn make_database(&self, name: &str) -> Result<()> {
        let any = self.open(self.address("postgres")).await?;
        store::make_database(&any, name).await?;
        Ok(any.close().await?)
    }

    /// The database `name` once more, for statements that take long.
    pub(crate) async fn open_to_fill(&self, name: &str) -> Result<Database> {
        self.open(Postgres { statement_timeout: FILLING, ..self.address(name) }).await
    }

    /// Where the database `name` is, for statements that take long.
    pub(crate) fn url_to_fill(&self, name: &str) -> DatabaseUrl {
        DatabaseUrl::Postgres(Postgres { statement_timeout: FILLING, ..self.address(name) })
    }

    /// The way of events through Kafka, in a topic and groups called after `name`.
    pub(crate) fn bus(&self, name: &str) -> BusUrl {
        let topics = Topics {
            names: BTreeMap::from([(UserCreated::TOPIC, name.to_owned())]),
            partitions: PARTITIONS,
            replication: NonZeroU32::MIN,
        };
        BusUrl::Kafka(Box::new(Kafka {
            brokers: vec![self.kafka.brokers()],
            security: Security::Plaintext,
            groups: Groups::Each(format!("{name}-")),
            instance: "bench".to_owned(),
            offset_reset: OffsetReset::Earliest,
            // As the tool that it is measured against.
            compression: Compression::Lz4,
            topics,
        }))
    }

    /// What `service` is told to run alone here, on a database of its own name.
    pub(crate) fn environment(&self, service: &str) -> Vec<(&'static str, String)> {
        vec![
            ("SERVER_HOST", "127.0.0.1".to_owned()),
            ("DATABASE_URL", format!("{}/{service}?sslmode=disable", self.postgres.url())),
            ("REDIS_URL", self.redis.url()),
            ("KAFKA_BROKERS", self.kafka.brokers()),
            ("SECRET_KEY", SECRET_KEY.to_owned()),
            ("EMAIL_VERIFY", "https://liman.example.com".to_owned()),
        ]
    }

    /// What a platform in one process is told to keep its rows here in the database `name`, and its keys in one of their own.
    pub(crate) fn environment_of_one_process(&self, name: &str, keys: u8) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", format!("{}/{name}?sslmode=disable", self.postgres.url())),
            ("REDIS_URL", format!("{}/{keys}", self.redis.url())),
            ("SECRET_KEY", SECRET_KEY.to_owned()),
        ]
    }

    async fn open(&self, address: Postgres) -> Result<Database> {
        let vault = Vault::new(&self.sources.bytes::<32>());
        Ok(Database::connect(&DatabaseUrl::Postgres(address), self.sources.clone(), vault).await?)
    }

    fn address(&self, name: &str) -> Postgres {
        Postgres::local(self.postgres.port(), "postgres", name)
    }
}
