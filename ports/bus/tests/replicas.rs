//! Two processes of one consumer on one Postgres: both get every event, as after a rebalance that one of them slept through.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears, outbox};
use clock::Sources;
use contracts::Event;
use contracts::schemars::{self, JsonSchema};
use database::{Connection, Database, WriteTransaction};
use postgres::{fresh, open};
use sea_orm::Statement;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const KEYS: u32 = 5;
const EVENTS: u32 = 150;

#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_one_effect_in_order_though_two_processes_have_it() {
    let Some(place) = fresh().await else { return };
    let databases = [open(&place, Sources::system()).await, open(&place, Sources::system()).await];
    place.execute("CREATE TABLE effect (seq BIGSERIAL, key TEXT NOT NULL, number INT NOT NULL)").await;
    let falters = Arc::new(AtomicU32::new(0));
    let (stop, mut runs) = (CancellationToken::new(), JoinSet::new());

    for database in &databases {
        let consumer = Consumer::named("replicated").hears::<Numbered>(Faltering(Arc::clone(&falters)));
        let bus = Bus::open(&BusUrl::Embedded, database.clone(), vec![consumer]).await.unwrap();
        let stop = stop.clone();
        runs.spawn(async move { bus.run(stop).await });
    }
    for number in 0..EVENTS {
        let tx = databases[0].begin_write().await.unwrap();
        outbox::record(&tx, &Numbered { key: (number % KEYS).to_string(), number }).await.unwrap();
        tx.commit().await.unwrap();
    }
    let effects = wait_for_all(&databases[1]).await;
    stop.cancel();
    runs.join_all().await;

    for key in 0..KEYS {
        let expected: Vec<u32> = (0..EVENTS).filter(|number| number % KEYS == key).collect();
        let numbers: Vec<u32> =
            effects.iter().filter(|effect| effect.0 == key.to_string()).map(|effect| effect.1).collect();
        assert_eq!(numbers, expected, "key {key}");
    }
    assert!(falters.load(Ordering::Relaxed) > EVENTS / 10, "some were parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_all_start() {
    for _ in 0..10 {
        let Some(place) = fresh().await else { return };
        let mut starts = JoinSet::new();
        for _ in 0..6 {
            let database = open(&place, Sources::system()).await;
            let consumer = Consumer::named("replicated").hears::<Numbered>(Faltering(Arc::default()));
            starts.spawn(async move { Bus::open(&BusUrl::Embedded, database, vec![consumer]).await.map(drop) });
        }

        for started in starts.join_all().await {
            started.unwrap();
        }
    }
}

/// The effects, once as many stand there as there are events and nothing waits.
async fn wait_for_all(database: &Database) -> Vec<(String, u32)> {
    let poll = async {
        loop {
            let effects = rows(database, "SELECT key, number FROM effect ORDER BY seq").await;
            if effects.len() >= EVENTS as usize
                && rows(database, "SELECT key, attempts FROM bus_parked").await.is_empty()
            {
                return effects;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), poll).await.expect("all events are heard")
}

async fn rows(database: &Database, select: &str) -> Vec<(String, u32)> {
    let select = Statement::from_string(database.get_database_backend(), select);
    let rows = database.query_all_raw(select).await.unwrap();
    let row = |row: &sea_orm::QueryResult| {
        (row.try_get_by_index(0).unwrap(), row.try_get_by_index::<i32>(1).unwrap().cast_unsigned())
    };
    rows.iter().map(row).collect()
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Numbered {
    key: String,
    number: u32,
}

impl Event for Numbered {
    const TOPIC: &'static str = "test_numbered";
    const TYPE: &'static str = "test.numbered.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// Fails at one call in seven, at whichever stage that is.
struct Faltering(Arc<AtomicU32>);

impl Faltering {
    fn falter(&self) -> Result<(), HearError> {
        if self.0.fetch_add(1, Ordering::Relaxed) % 7 == 3 {
            return Err(HearError::Failed(anyhow::anyhow!("not this time")));
        }
        Ok(())
    }
}

#[async_trait]
impl Hears<Numbered> for Faltering {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Numbered>) -> Result<(), HearError> {
        let Numbered { key, number } = heard.event.clone();
        let insert = "INSERT INTO effect (key, number) VALUES ($1, $2)";
        let values = [key.into(), number.cast_signed().into()];
        let insert = Statement::from_sql_and_values(tx.get_database_backend(), insert, values);
        tx.execute_raw(insert).await.map_err(database::DatabaseError::from)?;
        self.falter()
    }

    async fn after_commit(&self, _: &Heard<Numbered>) -> Result<(), HearError> {
        self.falter()
    }
}
