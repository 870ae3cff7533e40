//! What the tests of this service stand on: ports of their own, once on every database.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use bus::{Heard, Hears};
use clock::{ManualClock, SeededRandom, Sources};
use contracts::{UserCreated, UserId};
use database::{Database, DatabaseUrl, Vault};
use ephemeral::Embedded;
use kit::{Context, FieldValue};
use tempfile::TempDir;

use crate::MIGRATIONS;
use crate::events::Listener;
use crate::model::{BornDate, Gender, ProfileDetails};

/// Empty ports, and a clock that stands at noon of 2 March 2026.
pub(crate) struct Fixture {
    pub(crate) context: Context,
    pub(crate) clock: ManualClock,
    _folder: TempDir,
}

/// Runs `test` on a fresh fixture of each database.
pub(crate) async fn on_every_database(test: impl AsyncFn(Fixture)) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = DatabaseUrl::Sqlite(folder.path().join("test.db"));
    for (url, folder) in [(sqlite, folder)] {
        test(Fixture::on(url, folder).await).await;
    }
}

impl Fixture {
    async fn on(url: DatabaseUrl, folder: TempDir) -> Self {
        let clock = ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(7));
        let database = Database::connect(&url, sources.clone(), Vault::new(b"a root key for tests")).await.unwrap();
        database.migrate(MIGRATIONS).await.unwrap();
        let ephemeral = Arc::new(Embedded::open(&folder.path().join("ephemeral"), sources.clone()).unwrap());
        Self { context: Context { database, ephemeral, sources }, clock, _folder: folder }
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
        listener.settle(&heard).await.unwrap();
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
