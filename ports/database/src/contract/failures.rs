//! What was promised outlives every failure, and a failure is told as what it is.

use std::time::Duration;

use super::{Harness, execute, migrated, numbers};
use crate::DatabaseError;

pub(super) async fn run_all<H: Harness>() {
    what_was_committed_survives_a_kill::<H>().await;
    a_probe_tells_whether_writes_succeed::<H>().await;
    a_transaction_that_the_database_ended_takes_nothing_with_it::<H>().await;
    a_transaction_goes_nowhere_after_a_statement_that_nobody_waited_for::<H>().await;
}

async fn what_was_committed_survives_a_kill<H: Harness>() {
    let harness = migrated::<H>().await;

    let told = harness.kill_a_writer().await;

    let kept = numbers(&harness.connect().await, "SELECT number FROM contract_number ORDER BY number").await;
    assert!(told > 0);
    assert!(kept.iter().copied().eq(1..=kept.len() as i32), "a row is missing in the middle: {kept:?}");
    assert!((told..=told + 1).contains(&(kept.len() as i32)), "{} rows stand, {told} were told", kept.len());
}

async fn a_probe_tells_whether_writes_succeed<H: Harness>() {
    let harness = migrated::<H>().await;
    harness.database().probe().await.unwrap();

    harness.forbid_writes().await;
    let refused = harness.database().probe().await;
    harness.allow_writes().await;

    assert!(matches!(refused, Err(DatabaseError::Unavailable(_))), "{refused:?}");
    harness.database().probe().await.unwrap();
}

async fn a_transaction_that_the_database_ended_takes_nothing_with_it<H: Harness>() {
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

async fn a_transaction_goes_nowhere_after_a_statement_that_nobody_waited_for<H: Harness>() {
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
