//! The embedded bus keeps the promises of the port.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bus::BusUrl;
use bus::contract::Harness;
use chrono::DateTime;
use clock::{ManualClock, SeededRandom, Sources};
use database::{Database, DatabaseUrl, Vault};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_bus_keeps_the_contract() {
    bus::contract::run_all::<Embedded>().await;
}

struct Embedded {
    folder: TempDir,
    clock: ManualClock,
    sources: Sources,
    database: Database,
}

#[async_trait]
impl Harness for Embedded {
    async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let database = connect(folder.path(), sources.clone()).await;
        database.migrate(bus::MIGRATIONS).await.unwrap();
        Self { folder, clock, sources, database }
    }

    fn url(&self) -> BusUrl {
        BusUrl::Embedded
    }

    fn database(&self) -> &Database {
        &self.database
    }

    async fn connect(&self) -> Database {
        connect(self.folder.path(), self.sources.clone()).await
    }

    async fn reconnect(&mut self) {
        self.database = self.connect().await;
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn rewind(&self) {
        let tx = self.database.begin_write().await.unwrap();
        tx.execute_unprepared("UPDATE bus_position SET position = 0").await.unwrap();
        tx.commit().await.unwrap();
    }

    fn at_rest(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

async fn connect(folder: &Path, sources: Sources) -> Database {
    let url = DatabaseUrl::Sqlite(folder.join("database.sqlite"));
    Database::connect(&url, sources, Vault::new(b"a root key")).await.unwrap()
}
