//! How long after its commit an event is with its handler, measured on the ports themselves.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears, outbox};
use clock::Sources;
use contracts::{UserCreated, UserId};
use database::{Database, DatabaseUrl, Vault, WriteTransaction};
use tokio::sync::mpsc;

use crate::load::Samples;
use crate::report::Row;
use crate::running_bus::RunningBus;

const EVENTS: usize = 500;
/// Between two events, so that each finds the consumer asleep.
const PAUSE: Duration = Duration::from_millis(10);

/// Says when it hears something.
struct Ear(mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Hears<UserCreated> for Ear {
    async fn hear(&self, _tx: &WriteTransaction, _heard: &Heard<UserCreated>) -> Result<(), HearError> {
        self.0.send(Instant::now()).map_err(|error| HearError::Failed(error.into()))
    }
}

/// One event after the other, on a database on the disk.
pub(crate) async fn after_commit() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let sources = Sources::system();
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let database = Database::connect(&url, sources.clone(), Vault::new(&sources.bytes::<32>())).await?;
    database.migrate(bus::MIGRATIONS).await?;
    let (ear, mut heard) = mpsc::unbounded_channel();
    let consumer = Consumer::named("bench").hears::<UserCreated>(Ear(ear));
    let bus = Bus::open(&BusUrl::Embedded, database.clone(), vec![consumer]).await?;
    let running = RunningBus::start(bus.clone());

    let mut waits = Samples::default();
    for _ in 0..EVENTS {
        let committed = record(&database, &sources).await?;
        let heard = heard.recv().await.context("the consumer is gone")?;
        waits.add(heard.saturating_duration_since(committed));
        bus.idle().await?;
        sources.sleep(PAUSE).await;
    }
    running.stop().await;
    let detail = format!("{} events, median {:.1?}", waits.len(), waits.median()?);
    Ok(Row::milliseconds("commit to handler, p99", waits.percentile(99)?, 5.0, detail))
}

/// Records an event, and says when it was committed.
async fn record(database: &Database, sources: &Sources) -> Result<Instant> {
    let event = UserCreated { user_id: UserId(sources.uuid()), email: None, locale: None, created_at: None };
    let tx = database.begin_write().await?;
    outbox::record(&tx, &event).await?;
    tx.commit().await?;
    Ok(Instant::now())
}
