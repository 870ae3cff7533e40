//! The embedded bus keeps the promises of the port, in a file and on Postgres, where other processes write at the same time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use async_trait::async_trait;
use bus::BusUrl;
use bus::contract::Harness;
use database::{Connection, Database};
use sea_orm::DbBackend;
use support::place::{Place, Placed};
use tempfile::TempDir;
use testkit::servers::postgres::TestDatabase;
use testkit::servers::shared;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_bus_keeps_the_contract() {
    bus::contract::run_all::<Embedded<TempDir>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_bus_keeps_the_contract_on_postgres() {
    if shared::are_wanted() {
        bus::contract::run_all::<Embedded<TestDatabase>>().await;
    }
}

struct Embedded<P>(Placed<P>);

#[async_trait]
impl<P: Place> Harness for Embedded<P> {
    async fn fresh() -> Self {
        Self(Placed::fresh().await)
    }

    fn url(&self) -> BusUrl {
        BusUrl::Embedded
    }

    fn database(&self) -> &Database {
        &self.0.database
    }

    async fn connect(&self) -> Database {
        self.0.connect().await
    }

    async fn reconnect(&mut self) {
        self.0.database = self.connect().await;
    }

    fn pass(&self, time: Duration) {
        self.0.clock.advance(time);
    }

    async fn rewind(&self) {
        let has_snapshots = self.database().get_database_backend() == DbBackend::Postgres;
        let snapshots = if has_snapshots { ", seen = '3:3:', until = '3:3:'" } else { "" };
        let tx = self.database().begin_write().await.unwrap();
        tx.execute_unprepared(&format!("UPDATE bus_position SET position = 0{snapshots}")).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn at_rest(&self) -> Vec<u8> {
        self.0.at_rest()
    }
}
