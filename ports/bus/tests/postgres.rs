//! The embedded bus keeps the promises of the port on Postgres too, where other processes write at the same time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use async_trait::async_trait;
use bus::BusUrl;
use bus::contract::Harness;
use chrono::DateTime;
use clock::{ManualClock, SeededRandom, Sources};
use database::{Connection, Database};
use sea_orm::Statement;
use support::postgres::{fresh, open};
use testkit::servers::postgres::TestDatabase;
use testkit::servers::shared;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_bus_keeps_the_contract_on_postgres() {
    if shared::are_wanted() {
        bus::contract::run_all::<OnPostgres>().await;
    }
}

struct OnPostgres {
    place: TestDatabase,
    clock: ManualClock,
    sources: Sources,
    database: Database,
}

#[async_trait]
impl Harness for OnPostgres {
    async fn fresh() -> Self {
        let place = fresh().await.expect("servers are wanted");
        let clock = ManualClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let database = open(&place, sources.clone()).await;
        Self { place, clock, sources, database }
    }

    fn url(&self) -> BusUrl {
        BusUrl::Embedded
    }

    fn database(&self) -> &Database {
        &self.database
    }

    async fn connect(&self) -> Database {
        open(&self.place, self.sources.clone()).await
    }

    async fn reconnect(&mut self) {
        self.database = self.connect().await;
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn rewind(&self) {
        let tx = self.database.begin_write().await.unwrap();
        tx.execute_unprepared("UPDATE bus_position SET position = 0, seen = '3:3:', until = '3:3:'").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What the tables hold; the server's files are the server's.
    fn at_rest(&self) -> Vec<u8> {
        let tables = ["bus_outbox", "bus_parked", "bus_dead_letter"];
        let read = async {
            let mut bytes = Vec::new();
            for table in tables {
                bytes.extend(table.bytes());
                let select = format!("SELECT convert_to(t::text, 'UTF8') || t.payload FROM {table} t");
                let select = Statement::from_string(self.database.get_database_backend(), select);
                for row in self.database.query_all_raw(select).await.unwrap() {
                    bytes.extend(row.try_get_by_index::<Vec<u8>>(0).unwrap());
                }
            }
            bytes
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read))
    }
}
