//! The embedded bus keeps the promises of the port, in a file and on Postgres, where other processes write at the same time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bus::contract::Harness;
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears, outbox};
use contracts::Event;
use contracts::schemars::{self, JsonSchema};
use database::{Connection, Database, WriteTransaction};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use support::place::{Place, Placed};
use tempfile::TempDir;
use testkit::Counters;
use testkit::servers::postgres::TestDatabase;
use testkit::servers::shared;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

mod contract_on_sqlite {
    use super::*;

    bus::contract!(Embedded<TempDir>);
}

mod contract_on_postgres {
    use super::*;

    bus::contract!(Embedded<TestDatabase>);
}

mod a_commit_is_read_by_those_alone_whom_it_concerns {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        commits_of_one_topic::<TempDir>().await;
    }

    #[tokio::test]
    async fn postgres() {
        if shared::are_wanted() {
            commits_of_one_topic::<TestDatabase>().await;
        }
    }

    /// Time stands still, so that nothing is polled but for a commit.
    async fn commits_of_one_topic<P: Place>() {
        let counters = Counters::start();
        let polls = |consumer, place| counters.sum("bus_polls_total", &[("consumer", consumer), ("place", place)]);
        let placed = Placed::<P>::fresh().await;
        let consumers =
            vec![Consumer::named("concerned").hears::<Rung>(Ear), Consumer::named("other").hears::<Tolled>(Ear)];
        let bus = Bus::open(&BusUrl::Embedded, placed.database.clone(), consumers).await.unwrap();
        let (stop, mut run) = (CancellationToken::new(), JoinSet::new());
        let (running, stopped) = (bus.clone(), stop.clone());
        run.spawn(async move { running.run(stopped).await });

        for number in 0..COMMITS {
            let tx = placed.database.begin_write().await.unwrap();
            outbox::record(&tx, &Rung { number }).await.unwrap();
            tx.commit().await.unwrap();
            timeout(DEADLINE, bus.idle()).await.expect("it is heard by now").unwrap();
        }
        stop.cancel();
        timeout(DEADLINE, run.join_all()).await.expect("it has stopped by now");

        let concerned = polls("concerned", "log");
        assert!((COMMITS..=COMMITS + 2).contains(&concerned), "one query for each commit, not {concerned}");
        for (consumer, place) in [("concerned", "parked"), ("other", "log"), ("other", "parked")] {
            let asked = polls(consumer, place);
            assert!((1..=2).contains(&asked), "{consumer} asks for what is {place} when it starts, not {asked} times");
        }
    }

    const COMMITS: u64 = 30;
    const DEADLINE: Duration = Duration::from_secs(60);

    struct Ear;

    #[async_trait]
    impl<E: Event> Hears<E> for Ear {
        async fn hear(&self, _: &WriteTransaction, _: &Heard<E>) -> Result<(), HearError> {
            Ok(())
        }
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Rung {
        number: u64,
    }

    impl Event for Rung {
        const TOPIC: &'static str = "test_rung";
        const TYPE: &'static str = "test.rung.v1";

        fn key(&self) -> String {
            self.number.to_string()
        }
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Tolled;

    impl Event for Tolled {
        const TOPIC: &'static str = "test_tolled";
        const TYPE: &'static str = "test.tolled.v1";

        fn key(&self) -> String {
            String::new()
        }
    }
}

/// Positions stand in the database itself, so there is no group to take back.
#[tokio::test]
async fn a_database_that_is_restored_brings_its_positions_with_it() {
    let (placed, folder) = (Placed::<TempDir>::fresh().await, tempfile::tempdir().unwrap());
    let consumer = || vec![Consumer::named("recorder").hears::<Bell>(Count::default())];
    Bus::open(&BusUrl::Embedded, placed.database.clone(), consumer()).await.unwrap();
    let tx = placed.database.begin_write().await.unwrap();
    outbox::record_all(&tx, &[Bell, Bell, Bell]).await.unwrap();
    tx.commit().await.unwrap();
    placed.database.copy_to(&folder.path().join("database.sqlite")).await.unwrap();

    for database in [placed.database.clone(), folder.open(placed.sources.clone()).await] {
        let count = Count::default();
        let consumers = vec![Consumer::named("recorder").hears::<Bell>(count.clone())];
        let bus = Bus::open(&BusUrl::Embedded, database, consumers).await.unwrap();
        let (stop, mut run) = (CancellationToken::new(), JoinSet::new());
        let (running, stopped) = (bus.clone(), stop.clone());
        run.spawn(async move { running.run(stopped).await });
        timeout(Duration::from_secs(60), bus.idle()).await.expect("they are heard by now").unwrap();
        stop.cancel();
        run.join_all().await;

        assert_eq!(
            count.0.load(Ordering::Relaxed),
            3,
            "also in the copy, which does not know that they were heard since"
        );
    }
}

#[derive(Clone, Default)]
struct Count(Arc<AtomicU32>);

#[async_trait]
impl Hears<Bell> for Count {
    async fn hear(&self, _: &WriteTransaction, _: &Heard<Bell>) -> Result<(), HearError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Bell;

impl Event for Bell {
    const TOPIC: &'static str = "test_bell";
    const TYPE: &'static str = "test.bell.v1";

    fn key(&self) -> String {
        String::new()
    }
}

struct Embedded<P>(Placed<P>);

#[async_trait]
impl<P: Place> Harness for Embedded<P> {
    fn is_wanted() -> bool {
        P::is_wanted()
    }

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

    fn set_back(&self, time: Duration) {
        self.0.clock.set_back(time);
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
