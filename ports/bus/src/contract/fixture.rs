//! A bus at work, and everything a clause does to it.

use std::time::Duration;

use clock::Timestamp;
use contracts::Event;
use database::{Connection, Database};
use sea_orm::{QueryResult, Statement};
use sea_orm_migration::prelude::Table;
use sea_orm_migration::schema::{big_pk_auto, integer, text};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Harness;
use super::events::Counted;
use super::recorder::Recorder;
use crate::dead_letters::{self, DeadLetter, Filter, Scope, Slice, State};
use crate::{Bus, Consumer, outbox};

/// Longer than anything here takes on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(60);

/// Makes the consumers of a fixture anew at each start.
type Consumers = fn(&[Recorder]) -> Vec<Consumer>;

pub(super) struct Fixture<H> {
    pub(super) harness: H,
    pub(super) recorders: Vec<Recorder>,
    pub(super) bus: Bus,
    consumers: Consumers,
    run: JoinSet<()>,
    stop: CancellationToken,
}

impl<H: Harness> Fixture<H> {
    /// One recorder that hears [`Counted`], at work.
    pub(super) async fn open() -> Self {
        Self::consumers(&["recorder"], |recorders| {
            recorders.iter().map(|recorder| Consumer::named(recorder.name).hears::<Counted>(recorder.clone())).collect()
        })
        .await
    }

    /// Recorders called `names` as the consumers that `consumers` makes of them, at work.
    pub(super) async fn consumers(names: &[&'static str], consumers: Consumers) -> Self {
        let harness = H::fresh().await;
        let tx = harness.database().begin_write().await.unwrap();
        let mut effects = Table::create().table("contract_effect").col(big_pk_auto("seq")).take();
        tx.execute(effects.col(text("consumer")).col(text("key")).col(integer("number"))).await.unwrap();
        let row = Table::create().table("contract_row").col(integer("number")).take();
        tx.execute(&row).await.unwrap();
        tx.execute_unprepared("INSERT INTO contract_row VALUES (0)").await.unwrap();
        tx.commit().await.unwrap();
        let bus = Bus::open(&harness.url(), harness.database().clone(), Vec::new()).await.unwrap();
        let recorders = names.iter().map(|name| Recorder::named(name)).collect();
        let mut fixture =
            Self { harness, recorders, bus, consumers, run: JoinSet::new(), stop: CancellationToken::new() };
        fixture.start().await;
        fixture
    }

    /// Lets `consumers` make the consumers of the next start.
    pub(super) fn recast(&mut self, consumers: Consumers) {
        self.consumers = consumers;
    }

    pub(super) async fn start(&mut self) {
        let consumers = (self.consumers)(&self.recorders);
        self.bus = Bus::open(&self.harness.url(), self.harness.database().clone(), consumers).await.unwrap();
        self.stop = CancellationToken::new();
        let (bus, stop) = (self.bus.clone(), self.stop.clone());
        self.run.spawn(async move { bus.run(stop).await });
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Stops as a program does that was asked to.
    pub(super) async fn stop(&mut self) {
        self.ask_to_stop();
        within_deadline(self.run.join_next()).await.unwrap().unwrap();
    }

    /// Stops in the middle of everything, and starts again.
    pub(super) async fn crash(&mut self) {
        self.run.shutdown().await;
        self.harness.reconnect().await;
        self.start().await;
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorders[0]
    }

    pub(super) fn database(&self) -> &Database {
        self.harness.database()
    }

    /// Records events, each in a transaction of its own.
    pub(super) async fn record(&self, events: impl IntoIterator<Item = impl Event>) {
        for event in events {
            let tx = self.database().begin_write().await.unwrap();
            outbox::record(&tx, &event).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// Records [`Counted`] events.
    pub(super) async fn count(&self, events: impl IntoIterator<Item = (&str, u32)>) {
        self.record(events.into_iter().map(|(key, number)| Counted { key: key.to_owned(), number })).await;
    }

    /// Returns when there is nothing to do.
    pub(super) async fn idle(&self) {
        within_deadline(self.bus.idle()).await.unwrap();
    }

    /// Lets time pass and returns when there is nothing to do.
    pub(super) async fn pass(&self, time: Duration) {
        self.harness.pass(time);
        self.idle().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.database().sources().now()
    }

    /// Lets time pass, little by little, until `is_so`, which has to be before `instant`.
    pub(super) async fn pass_until_before(&self, instant: Timestamp, is_so: impl AsyncFn() -> bool) {
        self.pass_until(async || self.now() >= instant || is_so().await).await;
        assert!(self.now() < instant, "what waits goes on only when the clock has come to {instant}");
    }

    /// Lets time pass, little by little, until `is_so`.
    pub(super) async fn pass_until(&self, is_so: impl AsyncFn() -> bool) {
        within_deadline(async {
            while !is_so().await {
                self.harness.pass(Duration::from_millis(100));
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Lets time pass, little by little, until there is nothing to do.
    pub(super) async fn come_to_rest(&self) {
        let mut idle = std::pin::pin!(self.idle());
        while tokio::time::timeout(Duration::from_millis(5), &mut idle).await.is_err() {
            self.harness.pass(Duration::from_millis(500));
        }
    }

    /// The effects of the first recorder, in the order in which they were written.
    pub(super) async fn effects(&self) -> Vec<(String, u32)> {
        self.effects_of(self.recorder().name).await
    }

    pub(super) async fn effects_of(&self, consumer: &str) -> Vec<(String, u32)> {
        let select = "SELECT key, number FROM contract_effect WHERE consumer = $1 ORDER BY seq";
        let backend = self.database().get_database_backend();
        let rows = self.database().query_all_raw(Statement::from_sql_and_values(backend, select, [consumer.into()]));
        let effect = |row: &QueryResult| {
            (row.try_get_by_index(0).unwrap(), row.try_get_by_index::<i32>(1).unwrap().cast_unsigned())
        };
        rows.await.unwrap().iter().map(effect).collect()
    }

    pub(super) async fn rows(&self, table: &str) -> i64 {
        let backend = self.database().get_database_backend();
        let count = Statement::from_string(backend, format!("SELECT count(*) FROM {table}"));
        self.database().query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    pub(super) async fn open_letters(&self) -> Vec<DeadLetter> {
        let slice = Slice { after: None, limit: 1000 };
        dead_letters::list(self.database(), &Filter::default(), Scope::Only(State::Open), slice).await.unwrap()
    }
}

/// The numbers of those of `effects` that belong to `key`.
pub(super) fn of_key(effects: &[(String, u32)], key: &str) -> Vec<u32> {
    effects.iter().filter(|effect| effect.0 == key).map(|effect| effect.1).collect()
}

pub(super) async fn within_deadline<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(DEADLINE, work).await.expect("this should not take that long")
}
