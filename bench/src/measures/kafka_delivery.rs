//! How long after its commit an event is with its handler, through Kafka and from Postgres to Postgres, at a steady pace.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use bus::{Bus, Consumer, HearError, Heard, Hears, outbox};
use contracts::{UserCreated, UserId};
use database::{Database, DatabaseError, WriteTransaction};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::load::{Samples, Work};
use crate::report::Row;
use crate::running_bus::RunningBus;
use crate::servers::Servers;

/// 500 a second, whether the ones before have arrived or not.
const PACE: Duration = Duration::from_millis(2);
/// Not counted: a broker that was just started still compiles its own code.
const WARM_UP: u32 = 5_000;
const EVENTS: u32 = 7_500;
const NAME: &str = "kafka_delivery";
const TIMEOUT: Duration = Duration::from_secs(60);

/// Says what it hears, and when.
struct Ear(mpsc::UnboundedSender<(UserId, Instant)>);

#[async_trait]
impl Hears<UserCreated> for Ear {
    async fn hear(&self, _tx: &WriteTransaction, heard: &Heard<UserCreated>) -> Result<(), HearError> {
        self.0.send((heard.event.user_id, Instant::now())).map_err(|error| HearError::Failed(error.into()))
    }
}

/// An event that was recorded.
struct Recorded {
    user: UserId,
    /// When that was to begin.
    due: Instant,
    committed: Instant,
}

/// Two rows, the median and the ninety-ninth percentile.
pub(crate) async fn after_commit(servers: &Servers) -> Result<[Row; 2]> {
    let database = servers.outbox(NAME).await?;
    let (ear, mut heard) = mpsc::unbounded_channel();
    let consumer = Consumer::named("bench").hears::<UserCreated>(Ear(ear));
    let bus = Bus::open(&servers.bus(NAME), database.clone(), vec![consumer]).await?;
    let running = RunningBus::start(bus).with_upkeep(&servers.sources);

    // Once one has arrived, the consumer has its partitions.
    record(database.clone(), Instant::now()).await?;
    collect(&mut heard, 1).await?;
    let recorded = record_on_schedule(&database).await?;
    let heard = collect(&mut heard, recorded.len()).await?;
    running.stop().await;
    database.close().await?;
    rows(&recorded[WARM_UP as usize..], &heard)
}

fn rows(recorded: &[Recorded], heard: &HashMap<UserId, Instant>) -> Result<[Row; 2]> {
    let (mut waits, mut since_due) = (Samples::default(), Samples::default());
    for Recorded { user, due, committed } in recorded {
        let heard = heard.get(user).context("an event was not heard")?;
        waits.add(heard.saturating_duration_since(*committed));
        since_due.add(heard.saturating_duration_since(*due));
    }
    let commits = recorded.iter().map(|recorded| recorded.committed);
    let took = commits.clone().max().zip(commits.min()).map_or(Duration::ZERO, |(last, first)| last - first);
    let reached = Work { done: recorded.len().try_into()?, took };
    let pace = format!("{} events at {:.0}/s", waits.len(), reached.per_second());
    let late = format!("since they were due {:.1?}, median {:.1?}", since_due.percentile(99)?, since_due.median()?);
    Ok([
        Row::milliseconds("commit to handler through Kafka, median", waits.median()?, 6.0, pace),
        Row::milliseconds("commit to handler through Kafka, p99", waits.percentile(99)?, 25.0, late),
    ])
}

/// Records an event at each step of the pace, in their order.
async fn record_on_schedule(database: &Database) -> Result<Vec<Recorded>> {
    let begun = Instant::now();
    let mut recording = JoinSet::new();
    for turn in 0..WARM_UP + EVENTS {
        let due = begun + PACE * turn;
        tokio::time::sleep_until(due.into()).await;
        recording.spawn(record(database.clone(), due));
    }
    let mut recorded = recording.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    recorded.sort_by_key(|recorded| recorded.due);
    Ok(recorded)
}

/// A disk that stands still for a while must not end the bench, so what could not be recorded is recorded once it can.
async fn record(database: Database, due: Instant) -> Result<Recorded> {
    let user = UserId(database.sources().uuid());
    loop {
        match try_record(&database, user).await {
            Err(DatabaseError::Unavailable(_)) if due.elapsed() < TIMEOUT => (),
            recorded => return Ok(recorded.map(|committed| Recorded { user, due, committed })?),
        }
    }
}

async fn try_record(database: &Database, user: UserId) -> database::Result<Instant> {
    let tx = database.begin_write().await?;
    outbox::record(&tx, &UserCreated { user_id: user, email: None, locale: None, created_at: None }).await?;
    tx.commit().await?;
    Ok(Instant::now())
}

async fn collect(
    heard: &mut mpsc::UnboundedReceiver<(UserId, Instant)>,
    count: usize,
) -> Result<HashMap<UserId, Instant>> {
    let mut all = HashMap::with_capacity(count);
    while all.len() < count {
        let next = tokio::time::timeout(TIMEOUT, heard.recv()).await.context("no event arrives any more")?;
        let (user, at) = next.context("the consumer is gone")?;
        all.entry(user).or_insert(at);
    }
    Ok(all)
}
