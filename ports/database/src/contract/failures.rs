//! What was promised outlives every failure, and a failure is told as what it is.

use super::{Harness, migrated, numbers};
use crate::DatabaseError;

pub(super) async fn run_all<H: Harness>() {
    what_was_committed_survives_a_kill::<H>().await;
    a_probe_tells_whether_writes_succeed::<H>().await;
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
