//! Where a database of a test's own stands: in a folder, or on the Postgres that all tests share.

use async_trait::async_trait;
use chrono::DateTime;
use clock::{ManualClock, SeededRandom, Sources};
use database::{Connection, Database, DatabaseUrl, Vault};
use sea_orm::Statement;
use tempfile::TempDir;
use testkit::servers::postgres::TestDatabase;
use testkit::servers::shared;

use super::postgres;

#[async_trait]
pub(crate) trait Place: Send + Sync + Sized {
    /// Whether this run has the server that it needs.
    fn is_wanted() -> bool;

    async fn fresh() -> Self;

    async fn open(&self, sources: Sources) -> Database;

    /// All bytes that the bus keeps there.
    fn at_rest(&self, database: &Database) -> Vec<u8>;
}

/// A database with the tables of the bus, and the time that it knows.
pub(crate) struct Placed<P> {
    pub(crate) place: P,
    pub(crate) clock: ManualClock,
    pub(crate) sources: Sources,
    pub(crate) database: Database,
}

impl<P: Place> Placed<P> {
    pub(crate) async fn fresh() -> Self {
        let place = P::fresh().await;
        let clock = ManualClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let database = place.open(sources.clone()).await;
        database.migrate(bus::MIGRATIONS).await.unwrap();
        Self { place, clock, sources, database }
    }

    /// The database as another process opens it.
    pub(crate) async fn connect(&self) -> Database {
        self.place.open(self.sources.clone()).await
    }

    pub(crate) fn at_rest(&self) -> Vec<u8> {
        self.place.at_rest(&self.database)
    }
}

#[async_trait]
impl Place for TempDir {
    fn is_wanted() -> bool {
        true
    }

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
    fn is_wanted() -> bool {
        shared::are_wanted()
    }

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
