//! The harness of the contract.

use std::sync::Mutex;

use async_trait::async_trait;
use clock::{ManualClock, Sources, SystemRandom, Timestamp};
use database::contract::Harness;
use database::{Connection, Database, DatabaseError, DatabaseUrl, Postgres, Vault, WriteTransaction};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::{FreezingProxy, shared};

use crate::support::killed_writer;

/// A database of its own on the shared server.
pub(crate) struct OnPostgres {
    pub(crate) place: TestDatabase,
    database: Database,
    clock: ManualClock,
    /// Another process that keeps the probe's row.
    occupant: Mutex<Option<WriteTransaction>>,
    /// What stands before [`Harness::connect_afar`].
    proxy: Mutex<Option<FreezingProxy>>,
}

impl OnPostgres {
    pub(crate) async fn on(place: TestDatabase) -> Self {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let address = Postgres::local(place.port(), "postgres", place.name());
        let database = open_with(Sources::new(clock.clone(), SystemRandom), address).await;
        Self { place, database, clock, occupant: Mutex::default(), proxy: Mutex::default() }
    }

    pub(crate) fn address(&self) -> Postgres {
        Postgres::local(self.place.port(), "postgres", self.place.name())
    }
}

#[async_trait]
impl Harness for OnPostgres {
    fn is_wanted() -> bool {
        shared::are_wanted()
    }

    async fn fresh() -> Self {
        Self::on(fresh_database("empty", async |_| ()).await.expect("servers are wanted")).await
    }

    fn database(&self) -> &Database {
        &self.database
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    async fn connect(&self) -> Database {
        open(self.address()).await
    }

    async fn kill_a_writer(&self) -> i32 {
        killed_writer::kill(&format!("{} {}", self.place.port(), self.place.name()))
    }

    async fn forbid_writes(&self) {
        let tx = self.connect().await.begin_write().await.unwrap();
        tx.execute_unprepared("LOCK TABLE database_probe").await.unwrap();
        self.occupant.lock().unwrap().replace(tx);
    }

    async fn allow_writes(&self) {
        let occupant = self.occupant.lock().unwrap().take();
        occupant.unwrap().commit().await.unwrap();
    }

    async fn connect_afar(&self) -> Database {
        let proxy = FreezingProxy::start(self.place.port()).await.unwrap();
        let port = proxy.port();
        self.proxy.lock().unwrap().replace(proxy);
        open(Postgres { port, ..self.address() }).await
    }

    async fn fall_silent(&self) {
        self.proxy.lock().unwrap().as_ref().unwrap().freeze();
    }

    /// What is opened anew is heard all the time.
    async fn be_heard(&self) {}

    async fn end_transaction(&self, tx: &WriteTransaction) {
        let ended = tx.execute_unprepared("SELECT pg_terminate_backend(pg_backend_pid())").await;
        let ended = ended.map_err(DatabaseError::from);
        assert!(matches!(ended, Err(DatabaseError::Unavailable(_))), "{ended:?}");
    }
}

pub(crate) async fn open(address: Postgres) -> Database {
    open_with(Sources::system(), address).await
}

async fn open_with(sources: Sources, address: Postgres) -> Database {
    let url = DatabaseUrl::Postgres(address);
    Database::connect(&url, sources, Vault::new(b"a root key")).await.unwrap()
}
