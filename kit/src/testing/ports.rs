//! Ports of a test's own.

use std::sync::Arc;
use std::time::Duration;

use bus::{HearError, Hears};
use clock::{ManualClock, SeededRandom, Sources};
use contracts::{Event, UserId};
use database::{Database, DatabaseUrl, Migrations, Postgres, Vault};
use ephemeral::{Embedded, EphemeralStore};
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};

use super::{Outage, deliver, heard};
use crate::Context;
use crate::access::FeedEpoch;

const ROOT_KEY: &[u8] = b"a root key for tests";

/// The kind of database that a test stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// In a folder of its own.
    Sqlite,
    /// On the server that all tests share.
    Postgres,
}

/// Ports that nobody has used, and a clock that stands at noon of 2 March 2026.
pub struct TestPorts {
    /// The ports, as the service holds them.
    pub context: Context,
    /// Their time.
    pub clock: ManualClock,
    /// Their ephemeral store, which can be away.
    pub ephemeral: Outage,
    own: &'static [Migrations],
    place: Arc<Place>,
}

/// Where the database and the ephemeral store stand; deleted with the last of the ports.
struct Place {
    folder: TempDir,
    postgres: Option<TestDatabase>,
}

impl TestPorts {
    /// Ports with the tables that every database has and those that `own` makes; none where `engine` is not there.
    pub async fn fresh(engine: Engine, own: &'static [Migrations]) -> Option<Self> {
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(migrated(own).await?),
        };
        Some(Self::over(postgres, own).await)
    }

    /// The same on a database in which the first platform left what `sql` makes; none where servers are not wanted.
    pub async fn with_first_platform(sql: &str, own: &'static [Migrations]) -> Option<Self> {
        let postgres = fresh_database("empty", async |_| ()).await?;
        postgres.execute(sql).await;
        Some(Self::over(Some(postgres), own).await)
    }

    /// The same once auth has published its revocations: guards answer from now on.
    pub async fn beside_auth(self) -> Self {
        let incarnation = self.ephemeral.incarnation().await.unwrap();
        FeedEpoch::begin(&self.ephemeral, &self.context.sources, incarnation).await.unwrap();
        self
    }

    async fn over(postgres: Option<TestDatabase>, own: &'static [Migrations]) -> Self {
        let place = Arc::new(Place { folder: tempfile::tempdir().unwrap(), postgres });
        let clock = ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(7));
        let store = Embedded::open(&place.folder.path().join("ephemeral"), sources.clone()).unwrap();
        Self::beside(place, (clock, sources), Outage::of(store), own).await
    }

    async fn beside(
        place: Arc<Place>,
        (clock, sources): (ManualClock, Sources),
        ephemeral: Outage,
        own: &'static [Migrations],
    ) -> Self {
        let database = open(&place.url(), sources.clone(), ROOT_KEY).await;
        migrate(&database, own).await;
        let context = Context { database, ephemeral: Arc::new(ephemeral.clone()), sources };
        Self { context, clock, ephemeral, own, place }
    }

    /// The same state, as another process has it open.
    pub async fn replica(&self) -> Self {
        self.replica_by(self.clock.clone()).await
    }

    /// The same where the clock is ahead.
    pub async fn replica_ahead(&self, by: Duration) -> Self {
        self.replica_by(ManualClock::at(self.context.now() + by)).await
    }

    async fn replica_by(&self, clock: ManualClock) -> Self {
        // Whatever it draws, this process has not drawn.
        let seed = u64::from_be_bytes(self.context.sources.bytes());
        let sources = Sources::new(clock.clone(), SeededRandom::new(seed));
        Self::beside(Arc::clone(&self.place), (clock, sources), self.ephemeral.clone(), self.own).await
    }

    /// The same state, as a process with another secret key sees it.
    pub async fn with_another_key(&self) -> Context {
        let database = open(&self.place.url(), self.context.sources.clone(), b"another root key for tests").await;
        Context { database, ..self.context.clone() }
    }

    /// Delivers `event` to `consumer`, as the bus does.
    ///
    /// # Errors
    /// The consumer failed.
    pub async fn deliver<E: Event>(&self, consumer: &impl Hears<E>, event: E) -> Result<(), HearError> {
        deliver(&self.context.database, consumer, &heard(&self.context, event)).await
    }

    /// Lets time pass, so that what happens next sorts behind what happened before.
    pub fn a_moment_later(&self) {
        self.clock.advance(Duration::from_millis(1));
    }

    /// Whether the database of these ports is a Postgres.
    #[must_use]
    pub fn is_on_postgres(&self) -> bool {
        self.place.postgres.is_some()
    }

    /// Runs statements on the Postgres of these ports, as whoever owns the server may.
    pub async fn execute(&self, sql: &str) {
        self.place.postgres.as_ref().expect("the ports are on Postgres").execute(sql).await;
    }

    /// What a query finds there, in one column of texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.place.postgres.as_ref().expect("the ports are on Postgres").texts(sql).await
    }

    /// An id that nobody has.
    #[must_use]
    pub fn new_user(&self) -> UserId {
        UserId(self.context.sources.uuid())
    }
}

impl Place {
    fn url(&self) -> DatabaseUrl {
        let sqlite = || DatabaseUrl::Sqlite(self.folder.path().join("test.db"));
        self.postgres.as_ref().map_or_else(sqlite, postgres_url)
    }
}

/// A database with all tables; none where servers are not wanted.
async fn migrated(own: &'static [Migrations]) -> Option<TestDatabase> {
    let owners: Vec<&str> = own.iter().map(|migrations| migrations.owner).collect();
    fresh_database(&owners.join("_"), async |template| {
        let database = open(&postgres_url(template), Sources::system(), ROOT_KEY).await;
        migrate(&database, own).await;
        database.close().await.unwrap();
    })
    .await
}

fn postgres_url(place: &TestDatabase) -> DatabaseUrl {
    DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()))
}

async fn open(url: &DatabaseUrl, sources: Sources, root_key: &[u8]) -> Database {
    Database::connect(url, sources, Vault::new(root_key)).await.unwrap()
}

async fn migrate(database: &Database, own: &[Migrations]) {
    let shared = [database::idempotency::MIGRATIONS, database::daily_write::MIGRATIONS, bus::MIGRATIONS];
    for migrations in shared.iter().chain(own) {
        database.migrate(*migrations).await.unwrap();
    }
}
