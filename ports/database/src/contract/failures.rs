//! What was promised outlives every failure, and a failure is reported as what it is.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Harness, execute, migrated, numbers};
use crate::{Database, DatabaseError};

const A_SECOND: Duration = Duration::from_secs(1);

pub async fn what_was_committed_survives_a_kill<H: Harness>() {
    let harness = migrated::<H>().await;

    let acknowledged = harness.kill_a_writer().await;

    let kept = numbers(&harness.connect().await, "SELECT number FROM contract_number ORDER BY number").await;
    assert!(acknowledged > 0);
    assert!(kept.iter().copied().eq(1..=kept.len() as i32), "a row is missing in the middle: {kept:?}");
    assert!(
        (acknowledged..=acknowledged + 1).contains(&(kept.len() as i32)),
        "{} rows stand, {acknowledged} were acknowledged",
        kept.len()
    );
}

pub async fn a_probe_shows_whether_writes_succeed<H: Harness>() {
    let harness = migrated::<H>().await;
    harness.database().probe().await.unwrap();

    harness.clock().advance(A_SECOND);
    harness.forbid_writes().await;
    let refused = harness.database().probe().await;
    harness.allow_writes().await;
    harness.clock().advance(A_SECOND);
    let allowed = harness.database().probe().await;

    assert!(matches!(refused, Err(DatabaseError::Unavailable(_))), "{refused:?}");
    allowed.unwrap();
}

pub async fn however_many_probe_within_a_second_it_costs_one_commit<H: Harness>() {
    let harness = migrated::<H>().await;
    let mut commits = Vec::new();

    for _ in 0..2 {
        let mut crowd = JoinSet::new();
        for _ in 0..50 {
            let database = harness.database().clone();
            crowd.spawn(async move { database.probe().await });
        }
        assert!(crowd.join_all().await.iter().all(Result::is_ok));
        commits.extend(numbers(harness.database(), "SELECT count FROM database_probe").await);
        harness.clock().advance(A_SECOND);
    }

    assert_eq!(commits, [1, 2]);
}

pub async fn a_transaction_that_the_database_ended_takes_nothing_with_it<H: Harness>() {
    let harness = migrated::<H>().await;
    let insert = "INSERT INTO contract_number (number) VALUES ($1)";

    let mut kept = Vec::new();
    for number in 0..3 {
        let ended = harness.database().begin_write().await.unwrap();
        execute(&ended, insert, [(100 + number).into()]).await.unwrap();
        harness.end_transaction(&ended).await;
        assert!(
            execute(&ended, insert, [(200 + number).into()]).await.is_err(),
            "a statement outside of a transaction"
        );
        assert!(ended.commit().await.is_err());

        let dropped = harness.database().begin_write().await.unwrap();
        execute(&dropped, insert, [(300 + number).into()]).await.unwrap();
        drop(dropped);

        let tx = harness.database().begin_write().await.unwrap();
        execute(&tx, insert, [number.into()]).await.unwrap();
        tx.commit().await.unwrap();
        kept.push(number);
        let elsewhere = numbers(&harness.connect().await, "SELECT number FROM contract_number ORDER BY number").await;
        assert_eq!(elsewhere, kept, "what was acknowledged stands, and nothing else");
    }
}

pub async fn a_transaction_goes_nowhere_after_a_statement_that_nobody_waited_for<H: Harness>() {
    let harness = migrated::<H>().await;
    let insert = "INSERT INTO contract_number (number) VALUES ($1)";
    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, insert, [1.into()]).await.unwrap();

    // Takes the database long enough that its answer is not there at once.
    let slow = "INSERT INTO contract_number (number) \
                SELECT max(i) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
                SELECT i FROM n) AS counted";
    let abandoned = tokio::time::timeout(Duration::ZERO, execute(&tx, slow, [])).await;
    let committed = tx.commit().await;

    assert!(abandoned.is_err() && committed.is_err(), "{abandoned:?}, {committed:?}");
    assert_eq!(numbers(&harness.connect().await, "SELECT number FROM contract_number").await, [0; 0]);
}

pub async fn a_silent_database_costs_seconds_and_serves_again_once_it_is_heard<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.connect_afar().await;
    let mut acknowledged = Vec::new();

    for round in 0..2 {
        harness.fall_silent().await;
        let started = Instant::now();
        let mut requests = JoinSet::new();
        for number in 0..12 {
            let database = database.clone();
            requests.spawn(async move { (number, insert(&database, 100 * round + number).await) });
        }
        for (number, inserted) in requests.join_all().await {
            match inserted {
                Ok(()) => acknowledged.push(100 * round + number),
                Err(error) => assert!(matches!(error, DatabaseError::Unavailable(_)), "{error:?}"),
            }
        }
        let waited = started.elapsed();
        harness.be_heard().await;

        assert!(waited < Duration::from_secs(6), "round {round}: {waited:?}");
        insert(&database, 100 * round + 50).await.unwrap();
        acknowledged.push(100 * round + 50);
    }

    acknowledged.sort_unstable();
    let kept = numbers(&harness.connect().await, "SELECT number FROM contract_number ORDER BY number").await;
    assert_eq!(kept, acknowledged);
}

async fn insert(database: &Database, number: i32) -> crate::Result<()> {
    let tx = database.begin_write().await?;
    execute(&tx, "INSERT INTO contract_number (number) VALUES ($1)", [number.into()]).await?;
    tx.commit().await
}
