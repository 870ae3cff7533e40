//! Databases with the tables of the bus.

use clock::Sources;
use database::{Database, DatabaseUrl, Postgres, Vault};
use testkit::servers::postgres::{TestDatabase, fresh_database};

/// A database with the tables of the bus; none in an embedded run.
pub(crate) async fn fresh() -> Option<TestDatabase> {
    fresh_database("bus", async |place| {
        let database = open(place, Sources::system()).await;
        database.migrate(bus::MIGRATIONS).await.unwrap();
        database.close().await.unwrap();
    })
    .await
}

pub(crate) async fn open(place: &TestDatabase, sources: Sources) -> Database {
    let address = DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()));
    Database::connect(&address, sources, Vault::new(b"a root key")).await.unwrap()
}
