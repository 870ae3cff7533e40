//! What the tests of this service stand on: ports of their own, once on every database.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use bus::{Heard, Hears};
use clock::{ManualClock, SeededRandom, Sources};
use contracts::{UserCreated, UserId};
use database::{Database, DatabaseUrl, Postgres, Vault};
use ephemeral::{Embedded, EphemeralStore};
use kit::access::FeedEpoch;
use kit::{Context, FieldValue};
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};

use crate::MIGRATIONS;
use crate::events::Listener;
use crate::model::{BornDate, Gender, ProfileDetails};

/// Empty ports, and a clock that stands at noon of 2 March 2026.
pub(crate) struct Fixture {
    pub(crate) context: Context,
    pub(crate) clock: ManualClock,
    place: Place,
}

/// Where the database and the ephemeral store of a fixture stand.
struct Place {
    folder: TempDir,
    postgres: Option<TestDatabase>,
}

/// Runs `test` on a fresh fixture of each database.
pub(crate) async fn on_every_database(test: impl AsyncFn(Fixture)) {
    test(Fixture::on(Place::on(None)).await).await;
    let migrated = fresh_database("user", async |template| {
        let database = open(&postgres_url(template), Sources::system()).await;
        database.migrate(MIGRATIONS).await.unwrap();
        database.close().await.unwrap();
    });
    if let Some(postgres) = migrated.await {
        test(Fixture::on(Place::on(Some(postgres))).await).await;
    }
}

/// A fixture on a database in which the first platform left what `sql` makes; none where servers are not wanted.
pub(crate) async fn fresh_first_platform(sql: &str) -> Option<Fixture> {
    let postgres = fresh_database("empty", async |_| ()).await?;
    postgres.execute(sql).await;
    Some(Fixture::on(Place::on(Some(postgres))).await)
}

fn postgres_url(place: &TestDatabase) -> DatabaseUrl {
    DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()))
}

async fn open(url: &DatabaseUrl, sources: Sources) -> Database {
    Database::connect(url, sources, Vault::new(b"a root key for tests")).await.unwrap()
}

impl Place {
    fn on(postgres: Option<TestDatabase>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres }
    }

    fn url(&self) -> DatabaseUrl {
        let sqlite = || DatabaseUrl::Sqlite(self.folder.path().join("test.db"));
        self.postgres.as_ref().map_or_else(sqlite, postgres_url)
    }
}

impl Fixture {
    async fn on(place: Place) -> Self {
        let clock = ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(7));
        let database = open(&place.url(), sources.clone()).await;
        database.migrate(MIGRATIONS).await.unwrap();
        let ephemeral = Arc::new(Embedded::open(&place.folder.path().join("ephemeral"), sources.clone()).unwrap());
        // As auth does once it has told its revocations.
        let incarnation = ephemeral.incarnation().await.unwrap();
        FeedEpoch::begin(ephemeral.as_ref(), &sources, incarnation).await.unwrap();
        Self { context: Context { database, ephemeral, sources }, clock, place }
    }

    /// The same database, as another process has it open.
    pub(crate) async fn replica(&self) -> Context {
        let database = open(&self.place.url(), self.context.sources.clone()).await;
        Context { database, ..self.context.clone() }
    }

    pub(crate) fn new_user(&self) -> UserId {
        UserId(self.context.sources.uuid())
    }

    /// Delivers `event`, as the bus does: the effect in a transaction, then what follows from it.
    pub(crate) async fn deliver(&self, event: UserCreated) {
        let listener = Listener::new(self.context.clone());
        let heard = Heard { id: self.context.sources.uuid(), recorded_at: self.context.now(), event };
        let tx = self.context.database.begin_write().await.unwrap();
        listener.hear(&tx, &heard).await.unwrap();
        tx.commit().await.unwrap();
        listener.after_commit(&heard).await.unwrap();
    }

    /// What peers of the first platform see of a user who may complete a profile.
    pub(crate) async fn pending_key(&self, user_id: UserId) -> Option<String> {
        let value = self.context.ephemeral.get(&format!("pending_user:{user_id}")).await.unwrap();
        value.map(|value| String::from_utf8(value).unwrap())
    }

    /// What Ayşe tells of herself.
    pub(crate) fn details() -> ProfileDetails {
        ProfileDetails {
            full_name: "Ayşe Yılmaz".parse().unwrap(),
            born_date: BornDate::parse("1990-05-17".to_owned()).unwrap(),
            gender: Gender::Female,
            phone: "0532 123 45 67".parse().unwrap(),
        }
    }
}
