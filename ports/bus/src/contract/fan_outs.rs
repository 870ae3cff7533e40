//! A fan-out records each of its events once, chunk by chunk, whatever dies in between.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use database::{Connection, Database, DatabaseError, WriteTransaction};
use tokio_util::sync::CancellationToken;

use super::Harness;
use super::events::Counted;
use super::fixture::Fixture;
use crate::fan_out::{self, Chunk, Expands, Place, Then};
use crate::{Bus, Consumer, HearError};

const NAME: &str = "contract";

/// Tells the numbers below as many as the subject says, a hundred at a time; every fifth chunk fails at its first try.
#[derive(Default)]
struct Numbers {
    asked: AtomicU32,
    failed: Mutex<Vec<u32>>,
    pause: Duration,
}

#[async_trait]
impl Expands for Numbers {
    type Event = Counted;

    async fn next(&self, tx: &WriteTransaction, place: &Place) -> Result<Chunk<Counted>, HearError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tx.execute_unprepared("UPDATE contract_row SET number = number + 1").await.map_err(DatabaseError::from)?;
        let number = |text: &str| text.parse::<u32>().map_err(|error| HearError::Failed(error.into()));
        let (count, first) = (number(&place.subject)?, number(place.cursor.as_deref().unwrap_or("0"))?);
        let end = count.min(first + 100);
        let events = (first..end).map(|number| Counted { key: number.to_string(), number }).collect();
        if first % 500 == 400 && !std::mem::replace(&mut *self.failed.lock().unwrap(), vec![first]).contains(&first) {
            return Err(HearError::Failed(anyhow::anyhow!("not yet")));
        }
        let then = match end == count {
            true => Then::End,
            false => Then::GoOn { cursor: end.to_string(), pause: self.pause },
        };
        Ok(Chunk { events, then })
    }
}

async fn fixture<H: Harness>() -> Fixture<H> {
    Fixture::consumers(&["recorder"], |recorders| {
        let numbers = Numbers::default();
        vec![Consumer::named("recorder").hears::<Counted>(recorders[0].clone()).expands(NAME, numbers)]
    })
    .await
}

/// In a transaction that waits for the expansion of the same fan-out; any other is refused when the expansion is faster.
async fn begin(database: &Database, count: u32) {
    let tx = database.begin_read_committed().await.unwrap();
    fan_out::begin(&tx, NAME, &count.to_string()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn all_are_heard_once<H: Harness>(fixture: &Fixture<H>, count: u32) {
    let mut numbers: Vec<u32> = fixture.effects().await.into_iter().map(|effect| effect.1).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>());
    assert_eq!(fixture.rows("bus_fan_out").await, 0);
}

pub async fn each_event_of_a_fan_out_is_heard_once<H: Harness>() {
    let fixture = fixture::<H>().await;

    begin(fixture.database(), 350).await;
    begin(fixture.database(), 350).await;
    fixture.idle().await;

    all_are_heard_once(&fixture, 350).await;
}

pub async fn a_chunk_that_fails_is_recorded_later_and_whole<H: Harness>() {
    let fixture = fixture::<H>().await;

    begin(fixture.database(), 1_234).await;
    fixture.idle().await;
    let before = fixture.effects().await.len();
    for _ in 0..3 {
        fixture.pass(Duration::from_secs(2)).await;
    }

    assert_eq!(before, 400);
    all_are_heard_once(&fixture, 1_234).await;
    let written = fixture.rows("contract_row WHERE number = 13").await;
    assert_eq!(written, 1, "what it writes commits with its chunk, and with none that fails");
}

pub async fn a_fan_out_goes_on_where_a_dead_process_left_it<H: Harness>() {
    let mut fixture = fixture::<H>().await;
    let other = fixture.harness.connect().await;
    let beside = Consumer::named("beside").expands(NAME, Numbers::default());
    let replica = Bus::open(&crate::BusUrl::Embedded, other, vec![beside]).await.unwrap();
    let (stop, mut runs) = (CancellationToken::new(), tokio::task::JoinSet::new());
    runs.spawn({
        let (replica, stop) = (replica.clone(), stop.clone());
        async move { replica.run(stop).await }
    });

    begin(fixture.database(), 3_000).await;
    for _ in 0..3 {
        fixture.pass_until(async || fixture.rows("bus_fan_out WHERE cursor IS NULL").await == 0).await;
        fixture.crash().await;
    }
    fixture.pass_until(async || fixture.rows("bus_fan_out").await == 0).await;
    stop.cancel();
    runs.join_all().await;
    fixture.come_to_rest().await;

    all_are_heard_once(&fixture, 3_000).await;
}

pub async fn a_fan_out_keeps_its_pace_and_stands_while_it_is_paused<H: Harness>() {
    let fixture = Fixture::<H>::consumers(&["recorder"], |recorders| {
        let numbers = Numbers { pause: Duration::from_secs(60), ..Numbers::default() };
        vec![Consumer::named("recorder").hears::<Counted>(recorders[0].clone()).expands(NAME, numbers)]
    })
    .await;
    begin(fixture.database(), 300).await;
    fixture.idle().await;
    let at_first = fixture.effects().await.len();

    let tx = fixture.database().begin_write().await.unwrap();
    fan_out::pause(&tx, NAME, "300").await.unwrap();
    tx.commit().await.unwrap();
    fixture.pass(Duration::from_secs(600)).await;
    let while_paused = fixture.effects().await.len();
    let tx = fixture.database().begin_write().await.unwrap();
    fan_out::resume(&tx, NAME, "300").await.unwrap();
    tx.commit().await.unwrap();
    fixture.idle().await;
    let after = fixture.effects().await.len();
    fixture.pass(Duration::from_secs(61)).await;

    assert_eq!((at_first, while_paused, after), (100, 100, 200));
    all_are_heard_once(&fixture, 300).await;
}

pub async fn a_fan_out_that_is_cancelled_records_nothing_more<H: Harness>() {
    let fixture = fixture::<H>().await;
    begin(fixture.database(), 1_000).await;
    fixture.idle().await;
    let before = fixture.effects().await.len();

    let tx = fixture.database().begin_write().await.unwrap();
    fan_out::cancel(&tx, NAME, "1000").await.unwrap();
    tx.commit().await.unwrap();
    fixture.pass(Duration::from_secs(10)).await;

    assert_eq!((before, fixture.effects().await.len()), (400, 400));
    assert_eq!(fixture.rows("bus_fan_out").await, 0);
}

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn a_fan_out_that_waits_goes_on_when_the_clock_is_set_back<H: Harness>() {
    let fixture = fixture::<H>().await;
    begin(fixture.database(), 700).await;
    fixture.idle().await;
    let failed_at = fixture.now();

    fixture.harness.set_back(HOUR);
    fixture.pass_until_before(failed_at, async || fixture.rows("bus_fan_out").await == 0).await;
    fixture.idle().await;

    all_are_heard_once(&fixture, 700).await;
}

pub async fn a_fan_out_that_waits_for_longer_than_anything_does_goes_on_in_the_next_process<H: Harness>() {
    let mut fixture = fixture::<H>().await;
    begin(fixture.database(), 700).await;
    fixture.idle().await;
    let failed_at = fixture.now();

    fixture.stop().await;
    fixture.harness.set_back(3 * HOUR);
    fixture.start().await;
    fixture.pass_until_before(failed_at, async || fixture.rows("bus_fan_out").await == 0).await;
    fixture.come_to_rest().await;

    all_are_heard_once(&fixture, 700).await;
}
