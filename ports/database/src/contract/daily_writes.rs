//! Whoever writes is counted by the day, whatever happens at once.

use std::time::Duration;

use contracts::UserId;
use tokio::task::JoinSet;

use super::Harness;
use crate::daily_write::{self, DailyWrites};
use crate::{Database, Result};

const DAY: Duration = Duration::from_hours(24);

/// A harness whose database counts writes, at the beginning of a day.
async fn counting<H: Harness>() -> H {
    let harness = H::fresh().await;
    harness.database().migrate(daily_write::MIGRATIONS).await.unwrap();
    harness
}

async fn write(database: &Database, scope: &'static str, writer: UserId) -> Result<DailyWrites> {
    let tx = database.begin_read_committed().await?;
    let writes = daily_write::add(&tx, scope, writer).await?;
    tx.commit().await?;
    Ok(writes)
}

pub async fn writes_are_counted_by_writer_scope_and_day<H: Harness>() {
    let harness = counting::<H>().await;
    let database = harness.database();
    let [writer, other] = [(); 2].map(|()| UserId(database.sources().uuid()));
    let count = async |scope, writer| {
        let writes = write(database, scope, writer).await.unwrap();
        (writes.count, writes.until_tomorrow)
    };

    let first = [count("menu", writer).await, count("menu", writer).await];
    let others = [count("switch", writer).await, count("menu", other).await];
    harness.clock().advance(DAY - Duration::from_secs(1));
    let last = count("menu", writer).await;
    harness.clock().advance(Duration::from_secs(1));
    let next_day = [count("menu", writer).await, count("menu", writer).await, count("switch", writer).await];

    assert_eq!((first, others), ([(1, DAY), (2, DAY)], [(1, DAY), (1, DAY)]));
    assert_eq!(last, (3, Duration::from_secs(1)));
    assert_eq!(next_day, [(1, DAY), (2, DAY), (1, DAY)]);
}

pub async fn a_write_that_is_not_committed_is_not_counted<H: Harness>() {
    let harness = counting::<H>().await;
    let database = harness.database();
    let writer = UserId(database.sources().uuid());

    let tx = database.begin_read_committed().await.unwrap();
    let dropped = daily_write::add(&tx, "menu", writer).await.unwrap();
    drop(tx);
    let committed = write(database, "menu", writer).await.unwrap();

    assert_eq!([dropped.count, committed.count], [1, 1]);
}

pub async fn writes_at_once_are_all_counted_and_none_is_refused<H: Harness>() {
    let harness = counting::<H>().await;
    let writer = UserId(harness.database().sources().uuid());

    let mut writes = JoinSet::new();
    for _ in 0..20 {
        let database = harness.database().clone();
        writes.spawn(async move { write(&database, "menu", writer).await.unwrap().count });
    }
    let mut counts = writes.join_all().await;

    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<i64>>());
}
