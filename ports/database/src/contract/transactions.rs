//! A transaction happens whole or not at all, and none loses what another wrote.

use std::time::Duration;

use clock::Timestamp;
use sea_orm::Statement;
use tokio::task::JoinSet;

use super::{Harness, execute, migrated, numbers};
use crate::{Connection, Database, DatabaseError, LastRow, Result, WriteTransaction};

pub async fn parallel_writers_lose_no_update<H: Harness>() {
    let harness = migrated::<H>().await;
    execute(harness.database(), "INSERT INTO contract_number (number) VALUES (0)", []).await.unwrap();

    let other = harness.connect().await;

    let mut writers = JoinSet::new();
    for number in 0..100 {
        let database = if number % 4 == 0 { other.clone() } else { harness.database().clone() };
        writers.spawn(async move {
            // Whoever had to wait for too long comes again, as its client would.
            while let Err(error) = increment(&database).await {
                assert!(matches!(error, DatabaseError::Unavailable(_)), "{error}");
            }
        });
    }
    writers.join_all().await;

    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_number").await, [100]);
}

async fn increment(database: &Database) -> Result<()> {
    let tx = database.begin_write().await?;
    increment_in(tx).await
}

async fn increment_in(tx: WriteTransaction) -> Result<()> {
    let number = numbers(&tx, "SELECT number FROM contract_number").await[0];
    tokio::task::yield_now().await;
    execute(&tx, "UPDATE contract_number SET number = $1", [(number + 1).into()]).await?;
    tx.commit().await
}

/// Starts twenty of `work` at once, by turns on this process' database and on another one's.
async fn twenty_times<H: Harness, F>(harness: &H, work: fn(Database) -> F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    execute(harness.database(), "INSERT INTO contract_number (number) VALUES (0)", []).await.unwrap();
    let other = harness.connect().await;
    let mut workers = JoinSet::new();
    for number in 0..20 {
        workers.spawn(work(if number % 2 == 0 { other.clone() } else { harness.database().clone() }));
    }
    for done in workers.join_all().await {
        done.unwrap();
    }
}

pub async fn who_takes_turns_on_a_subject_is_never_refused<H: Harness>() {
    let harness = migrated::<H>().await;

    twenty_times(&harness, |database| async move { increment_in(database.begin_locked("number").await?).await }).await;

    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_number").await, [20]);
}

pub async fn who_waits_too_long_for_a_subject_hears_so<H: Harness>() {
    let harness = migrated::<H>().await;
    let other = harness.connect().await;
    let kept = harness.database().begin_locked("number").await.unwrap();

    let (here, there) = tokio::join!(harness.database().begin_locked("number"), other.begin_locked("number"));
    drop(kept);
    let again = harness.database().begin_locked("number").await;

    for refused in [here, there] {
        let error = refused.err().unwrap();
        assert!(error.is_lock_timeout(), "{error}");
    }
    again.unwrap();
}

pub async fn whether_somebody_has_a_subject_is_known_without_a_wait<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let before = database.is_locked("number").await.unwrap();

    let kept = database.begin_locked_each(vec!["number".to_owned(), "text".to_owned()]).await.unwrap();
    let mut meanwhile = Vec::new();
    for subject in ["number", "text", "numbers"] {
        meanwhile.push(database.is_locked(subject).await.unwrap());
    }
    kept.commit().await.unwrap();
    let behind = database.is_locked("number").await.unwrap();

    assert_eq!((before, &meanwhile[..], behind), (false, &[true, true, false][..], false));
}

pub async fn a_conditional_update_happens_once_and_refuses_nobody<H: Harness>() {
    let harness = migrated::<H>().await;

    twenty_times(&harness, |database| async move {
        let tx = database.begin_read_committed().await?;
        execute(&tx, "UPDATE contract_number SET number = number + 1 WHERE number = 0", []).await?;
        tx.commit().await
    })
    .await;

    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_number").await, [1]);
}

pub async fn a_transaction_with_a_failed_statement_cannot_be_committed<H: Harness>() {
    let harness = migrated::<H>().await;
    let insert = "INSERT INTO contract_number (number) VALUES ($1)";

    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, insert, [1.into()]).await.unwrap();
    let failed = execute(&tx, insert, [1.into()]).await;
    let committed = tx.commit().await;

    assert!(matches!(failed, Err(DatabaseError::Taken { .. })), "{failed:?}");
    assert!(matches!(committed, Err(DatabaseError::Unexpected(_))), "{committed:?}");
    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_number").await, [0; 0]);
}

pub async fn a_savepoint_takes_back_what_came_after_it_and_nothing_else<H: Harness>() {
    let harness = migrated::<H>().await;
    let insert = "INSERT INTO contract_number (number) VALUES ($1)";
    let last = |tx: &WriteTransaction, number: i32| {
        let into = "INSERT INTO contract_number (number)".to_owned();
        tx.insert_last(LastRow { lock: number.into(), into, computed: "", values: vec![number.into()] });
    };
    let announcements = harness.database().announcements();
    let before = *announcements.borrow();

    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, insert, [1.into()]).await.unwrap();
    last(&tx, 2);
    let _kept = tx.savepoint().await.unwrap();
    execute(&tx, insert, [3.into()]).await.unwrap();
    let taken_back = tx.savepoint().await.unwrap();
    execute(&tx, insert, [4.into()]).await.unwrap();
    last(&tx, 5);
    tx.announce("what is taken back");
    let _passed = tx.savepoint().await.unwrap();
    let failed = execute(&tx, insert, [1.into()]).await;
    tx.rollback_to(taken_back).await.unwrap();
    execute(&tx, insert, [6.into()]).await.unwrap();
    tx.commit().await.unwrap();

    assert!(matches!(failed, Err(DatabaseError::Taken { .. })), "{failed:?}");
    let kept = "SELECT number FROM contract_number ORDER BY number";
    assert_eq!(numbers(harness.database(), kept).await, [1, 2, 3, 6]);
    assert_eq!(*announcements.borrow(), before);
}

pub async fn a_dropped_transaction_changes_nothing<H: Harness>() {
    let harness = migrated::<H>().await;

    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, "INSERT INTO contract_number (number) VALUES (1)", []).await.unwrap();
    drop(tx);
    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, "INSERT INTO contract_number (number) VALUES (2)", []).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(numbers(harness.database(), "SELECT number FROM contract_number").await, [2]);
}

pub async fn nobody_sees_what_is_not_committed<H: Harness>() {
    let harness = migrated::<H>().await;
    let other = harness.connect().await;
    let count = "SELECT number FROM contract_number";

    let tx = harness.database().begin_write().await.unwrap();
    execute(&tx, "INSERT INTO contract_number (number) VALUES (1)", []).await.unwrap();
    let (inside, beside, elsewhere) =
        (numbers(&tx, count).await, numbers(harness.database(), count).await, numbers(&other, count).await);
    tx.commit().await.unwrap();

    assert_eq!((inside, beside, elsewhere), (vec![1], vec![], vec![]));
    assert_eq!((numbers(harness.database(), count).await, numbers(&other, count).await), (vec![1], vec![1]));
}

pub async fn a_unique_value_is_taken_once<H: Harness>() {
    let harness = migrated::<H>().await;
    let insert = "INSERT INTO contract_account (email) VALUES ($1)";
    execute(harness.database(), insert, ["a@example.com".into()]).await.unwrap();

    let tx = harness.database().begin_write().await.unwrap();
    let refused = execute(&tx, insert, ["a@example.com".into()]).await;
    drop(tx);

    let error = refused.unwrap_err();
    assert!(error.is_taken("contract_account") && !error.is_taken("contract_number"), "{error:?}");
}

pub async fn a_row_that_points_nowhere_is_refused<H: Harness>() {
    let harness = migrated::<H>().await;
    let tx = harness.database().begin_write().await.unwrap();

    let refused = execute(&tx, "INSERT INTO contract_session (account_id) VALUES (4711)", []).await;

    assert!(matches!(refused, Err(DatabaseError::Unexpected(_))), "{refused:?}");
}

pub async fn only_a_commit_that_announced_is_announced<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let announcements = database.announcements();
    let seen = || *announcements.borrow();
    let before = seen();

    database.begin_write().await.unwrap().commit().await.unwrap();
    let after_a_silent_commit = seen();
    let tx = database.begin_write().await.unwrap();
    tx.announce("news");
    let before_the_commit = seen();
    drop(tx);
    let after_a_rollback = seen();
    let tx = database.begin_write().await.unwrap();
    tx.announce("news");
    tx.announce("news");
    tx.commit().await.unwrap();

    assert_eq!(
        [after_a_silent_commit, before_the_commit, after_a_rollback, seen()],
        [before, before, before, before + 1]
    );
}

pub async fn what_is_announced_wakes_those_alone_who_watch_it<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let watched = ["first", "second", "third"].map(|subject| database.announcements_of(subject));
    let any = database.announcements();

    let tx = database.begin_write().await.unwrap();
    tx.announce("first");
    let taken_back = tx.savepoint().await.unwrap();
    tx.announce("first");
    tx.announce("second");
    tx.rollback_to(taken_back).await.unwrap();
    tx.announce("third");
    tx.announce("nobody's");
    tx.commit().await.unwrap();

    assert_eq!(watched.map(|count| *count.borrow()), [1, 0, 1]);
    assert_eq!(*any.borrow(), 1);
}

pub async fn what_was_announced_before_a_wait_ends_it<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let mut watched = database.announcements_of("news");

    watched.borrow_and_update();
    let tx = database.begin_write().await.unwrap();
    tx.announce("news");
    tx.commit().await.unwrap();

    watched.changed().await.unwrap();
    assert!(!watched.has_changed().unwrap());
}

pub async fn a_commit_reports_what_was_not_taken_back_to_those_who_listen<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let (mut heard, mut other) = (database.reports_of("news"), database.reports_of("other"));

    let tx = database.begin_write().await.unwrap();
    tx.report("news", b"first");
    let taken_back = tx.savepoint().await.unwrap();
    tx.report("news", b"second");
    tx.rollback_to(taken_back).await.unwrap();
    tx.report("news", b"third");
    tx.report("nobody's", b"fourth");
    let before_the_commit = heard.is_empty();
    tx.commit().await.unwrap();
    let tx = database.begin_write().await.unwrap();
    tx.report("news", b"of what is rolled back");
    drop(tx);

    assert!(before_the_commit);
    let reports = [heard.try_recv().unwrap(), heard.try_recv().unwrap()];
    assert_eq!(reports.each_ref().map(|report| &report[..]), [&b"first"[..], b"third"]);
    assert!(heard.try_recv().is_err() && other.try_recv().is_err());
}

pub async fn instants_keep_their_microseconds_and_their_order<H: Harness>() {
    let harness = migrated::<H>().await;
    let database = harness.database();
    let start = Timestamp::from_timestamp(1_700_000_000, 0).unwrap();
    let instants = [0, 1, 999, 1_000, 500_000, 500_001, 999_999, 1_000_000].map(|us| start + Duration::from_micros(us));

    for instant in instants.iter().rev() {
        execute(database, "INSERT INTO contract_instant (at) VALUES ($1)", [(*instant).into()]).await.unwrap();
    }

    let select = "SELECT at FROM contract_instant WHERE at <= $1 ORDER BY at";
    let until = [instants[5].into()];
    let statement = Statement::from_sql_and_values(database.get_database_backend(), select, until);
    let rows = database.query_all_raw(statement).await.unwrap();
    let read: Vec<Timestamp> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(read, instants[..=5]);
}

pub async fn a_transaction_happens_at_one_instant<H: Harness>() {
    let harness = migrated::<H>().await;
    let before = harness.database().sources().now();

    let tx = harness.database().begin_write().await.unwrap();
    let instant = tx.now();
    execute(&tx, "INSERT INTO contract_number (number) VALUES (1)", []).await.unwrap();

    assert_eq!(tx.now(), instant);
    assert!(before <= instant && instant <= harness.database().sources().now());
}
