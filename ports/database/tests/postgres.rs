//! Postgres keeps the promises of the port, and those of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod postgres_support;
mod support;

use std::time::{Duration, Instant};

use clock::Sources;
use database::contract::Harness;
use database::{Connection, Database, DatabaseError, DatabaseUrl, Postgres, Vault};
use postgres_support::on_postgres::{OnPostgres, open};
use postgres_support::{swallowing_settings, widening};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor};
use support::killed_writer;
use testkit::servers::FreezingProxy;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use tokio::task::JoinSet;

mod contract {
    use super::*;

    database::contract!(OnPostgres);
}

#[tokio::test]
async fn what_was_read_and_changed_meanwhile_is_not_overwritten() {
    let Some(harness) = with_a_number().await else { return };
    let other = harness.connect().await;
    let tx = harness.database().begin_write().await.unwrap();
    tx.execute_unprepared("SELECT number FROM test_number").await.unwrap();

    increment(&other).await;
    let late = tx.execute_unprepared("UPDATE test_number SET number = 7").await.map_err(DatabaseError::from);

    assert!(matches!(late, Err(DatabaseError::Unavailable(_))), "{late:?}");
}

#[tokio::test]
async fn a_deadlock_and_a_lock_kept_for_too_long_are_of_the_surroundings() {
    let Some(harness) = with_a_number().await else { return };
    let tx = harness.database().begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE test_number SET number = 1").await.unwrap();

    let other = harness.database().begin_write().await.unwrap();
    let refused = other.execute_unprepared("UPDATE test_number SET number = 2").await.map_err(DatabaseError::from);

    assert!(matches!(refused, Err(DatabaseError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_of_the_surroundings() {
    let Some(harness) = with_a_number().await else { return };
    let address = Postgres { statement_timeout: std::time::Duration::from_millis(20), ..harness.address() };
    let database = open(address).await;

    let ended = database.execute_unprepared("SELECT pg_sleep(60)").await.map_err(DatabaseError::from);

    assert!(matches!(ended, Err(DatabaseError::Unavailable(_))), "{ended:?}");
}

#[tokio::test]
async fn connections_that_died_in_the_pool_are_replaced_unseen() {
    let Some(harness) = with_a_number().await else { return };
    let database = harness.database();
    for _ in 0..3 {
        let held = (database.begin_write().await.unwrap(), database.begin_write().await.unwrap());
        held.0.commit().await.unwrap();
        held.1.commit().await.unwrap();
        end_sessions(&harness.place).await;

        increment(database).await;
        end_sessions(&harness.place).await;

        database.query_one_raw(select_number(database)).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_transaction_whose_connection_died_is_not_tried_again() {
    let Some(harness) = with_a_number().await else { return };
    let tx = harness.database().begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE test_number SET number = 1").await.unwrap();

    end_sessions(&harness.place).await;
    let lost = tx.commit().await;

    assert!(matches!(lost, Err(DatabaseError::Unavailable(_))), "{lost:?}");
    assert_eq!(number(harness.database()).await, 0);
}

#[tokio::test]
async fn a_session_lock_is_lost_with_its_connection() {
    let Some(harness) = with_a_number().await else { return };
    let mut held = harness.database().try_session_lock("relay").await.unwrap().unwrap();

    end_sessions(&harness.place).await;

    assert!(!held.is_held().await);
    assert!(harness.connect().await.try_session_lock("relay").await.unwrap().is_some());
}

#[tokio::test]
async fn a_process_that_hangs_loses_its_session_lock_and_one_that_asks_keeps_it() {
    let Some(harness) = with_a_number().await else { return };
    let mut of_one_that_hangs = harness.database().try_session_lock("relay").await.unwrap().unwrap();
    let mut of_one_that_asks = harness.database().try_session_lock("serve").await.unwrap().unwrap();
    let other = harness.connect().await;

    let taken_over = async {
        while other.try_session_lock("relay").await.unwrap().is_none() {
            assert!(of_one_that_asks.is_held().await);
            Sources::system().sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), taken_over).await.unwrap();

    assert!(!of_one_that_hangs.is_held().await);
    assert!(of_one_that_asks.is_held().await);
}

#[tokio::test]
async fn a_session_lock_is_taken_again_unless_somebody_else_has_it() {
    let Some(harness) = with_a_number().await else { return };
    let other = harness.connect().await;
    let mut held = harness.database().try_session_lock("serve").await.unwrap().unwrap();

    end_sessions(&harness.place).await;
    let renewed = held.renew().await.unwrap();
    let refused = other.try_session_lock("serve").await.unwrap();
    end_sessions(&harness.place).await;
    let of_the_other = other.try_session_lock("serve").await.unwrap();
    let lost = !held.renew().await.unwrap();

    assert!(renewed && refused.is_none());
    assert!(of_the_other.is_some() && lost);
}

#[tokio::test]
async fn a_session_lock_whose_connection_is_silent_is_taken_again_once_the_server_has_ended_that() {
    let Some(harness) = with_a_number().await else { return };
    let database = harness.connect_afar().await;
    let mut held = database.try_session_lock("serve").await.unwrap().unwrap();

    harness.fall_silent().await;
    let unknown = held.renew().await;
    let renewed = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            match held.renew().await {
                Err(DatabaseError::Unavailable(_)) => Sources::system().sleep(Duration::from_millis(100)).await,
                renewed => return renewed,
            }
        }
    });

    assert!(matches!(unknown, Err(DatabaseError::Unavailable(_))), "{unknown:?}");
    assert!(matches!(renewed.await, Ok(Ok(true))));
    assert!(harness.connect().await.try_session_lock("serve").await.unwrap().is_none());
}

#[tokio::test]
async fn a_contender_asks_over_one_connection_until_that_fails_and_takes_over_when_the_holder_dies() {
    let Some(harness) = with_a_number().await else { return };
    let holder = harness.connect().await.try_session_lock("relay").await.unwrap();
    let mut contender = harness.connect().await.contend("relay");

    let mut asking = Vec::new();
    for _ in 0..3 {
        assert!(contender.try_lock().await.unwrap().is_none());
        asking.push(harness.place.texts(ASKING).await);
    }
    end(&harness.place, ASKING).await;
    let meanwhile = contender.try_lock().await.unwrap();
    asking.push(harness.place.texts(ASKING).await);
    end(&harness.place, HOLDING).await;
    let taken = contender.try_lock().await.unwrap();
    let holding = harness.place.texts(HOLDING).await;

    assert!(holder.is_some() && meanwhile.is_none());
    assert!(asking.iter().all(|backends| backends.len() == 1), "{asking:?}");
    assert!(asking[0] == asking[1] && asking[1] == asking[2] && asking[2] != asking[3], "{asking:?}");
    assert!(taken.unwrap().is_held().await);
    assert_eq!(holding, asking[3]);
}

#[tokio::test]
async fn a_contender_whose_connection_falls_silent_asks_over_another_one() {
    let Some(harness) = with_a_number().await else { return };
    let holder = harness.connect().await.try_session_lock("relay").await.unwrap();
    let mut contender = harness.connect_afar().await.contend("relay");
    assert!(contender.try_lock().await.unwrap().is_none());

    harness.fall_silent().await;
    let meanwhile = contender.try_lock().await.unwrap();
    drop(holder);
    let taken = async { while contender.try_lock().await.unwrap().is_none() {} };

    assert!(meanwhile.is_none());
    tokio::time::timeout(Duration::from_secs(30), taken).await.unwrap();
}

#[tokio::test]
async fn a_connection_whose_settings_are_swallowed_is_refused_in_one_line() {
    let Some(harness) = with_a_number().await else { return };
    let (port, _passing) = swallowing_settings::start(harness.place.port()).await;
    let url = DatabaseUrl::Postgres(Postgres { port, ..harness.address() });

    let refused = Database::connect(&url, Sources::system(), Vault::new(b"a root key")).await.map(drop);

    let Err(DatabaseError::Unexpected(reason)) = refused else { panic!("{refused:?}") };
    let reason = reason.to_string();
    assert!(reason.contains("read committed") && reason.contains("PgBouncer"), "{reason}");
    assert_eq!(reason.lines().count(), 1, "{reason}");
}

#[tokio::test]
async fn a_migration_does_not_keep_readers_from_a_table_that_it_waits_for() {
    let Some(harness) = with_a_number().await else { return };
    let address = format!("postgres://postgres@127.0.0.1:{}/{}", harness.place.port(), harness.place.name());
    let mut reader = PgConnection::connect(&address).await.unwrap();
    reader.execute("BEGIN; SELECT number FROM test_number").await.unwrap();

    let database = harness.connect().await;
    let mut migration = JoinSet::new();
    migration.spawn(async move { database.migrate(widening::ALL).await });
    waiting(&harness, 1).await;
    waiting(&harness, 0).await;
    let meanwhile = number(harness.database()).await;
    reader.execute("COMMIT").await.unwrap();

    assert_eq!(meanwhile, 0);
    for migrated in migration.join_all().await {
        migrated.unwrap();
    }
    harness.database().execute_unprepared("SELECT wide FROM test_number").await.unwrap();
}

#[tokio::test]
async fn a_connection_to_a_server_that_takes_no_writes_any_more_is_thrown_away() {
    let Some(harness) = with_a_number().await else { return };
    let database = harness.database();
    let held = (database.begin_write().await.unwrap(), database.begin_write().await.unwrap());
    for tx in [&held.0, &held.1] {
        // As sessions see it that lead to a primary of before.
        tx.execute_unprepared("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await.unwrap();
    }
    held.0.commit().await.unwrap();
    held.1.commit().await.unwrap();

    let tx = database.begin_write().await.unwrap();
    let refused = tx.execute_unprepared("UPDATE test_number SET number = 7").await.map_err(DatabaseError::from);
    drop(tx);

    assert!(matches!(refused, Err(DatabaseError::Unavailable(_))), "{refused:?}");
    increment(database).await;
    increment(database).await;
    assert_eq!(number(database).await, 2);
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_lock_and_no_place_behind() {
    let Some(harness) = with_a_number().await else { return };
    let address = Postgres { pool_size: std::num::NonZeroU32::new(2).unwrap(), ..harness.address() };
    let database = open(address).await;

    for _ in 0..10 {
        let tx = database.begin_write().await.unwrap();
        tx.execute_unprepared("UPDATE test_number SET number = 100").await.unwrap();
        // Nothing answers while another session has this lock.
        let holder = harness.database().begin_write().await.unwrap();
        holder.execute_unprepared("SELECT pg_advisory_xact_lock(1)").await.unwrap();
        let waits = tx.execute_unprepared("SELECT pg_advisory_xact_lock(1)");
        let abandoned = tokio::time::timeout(Duration::ZERO, waits).await;
        drop(tx);
        drop(holder);
        assert!(abandoned.is_err());

        increment(&database).await;
    }

    assert_eq!(number(&database).await, 10);
}

#[tokio::test]
async fn connections_that_fall_silent_cost_two_seconds_once_and_are_replaced() {
    let Some(harness) = with_a_number().await else { return };
    let proxy = FreezingProxy::start(harness.place.port()).await.unwrap();
    let database = open(Postgres { port: proxy.port(), ..harness.address() }).await;
    let mut answered = 0;

    for round in 0..3 {
        // All connections are open, some of them in the middle of a transaction.
        let mut begun = Vec::new();
        for _ in 0..10 {
            begun.push(database.begin_write().await.unwrap());
        }
        let in_use = begun.split_off(5);
        drop(begun);
        proxy.freeze();
        let started = Instant::now();
        let mut requests = JoinSet::new();
        for tx in in_use {
            requests.spawn(async move { tx.execute_unprepared("UPDATE test_number SET number = 100").await.is_ok() });
        }
        for _ in 0..12 {
            let database = database.clone();
            requests.spawn(async move { database.query_one_raw(select_number(&database)).await.is_ok() });
        }
        let first = requests.join_all().await;
        let waited = started.elapsed();
        increment(&database).await;
        answered += 1;

        assert!(waited < Duration::from_secs(4), "round {round}: {waited:?}");
        assert!(first.iter().filter(|is_ok| **is_ok).count() <= 12, "nobody is answered by what is silent");
        assert!(started.elapsed() < Duration::from_secs(5), "round {round}: {:?}", started.elapsed());
    }

    assert_eq!(number(&database).await, answered);
}

#[tokio::test]
async fn a_copy_is_left_to_the_tool_that_postgres_has_for_it() {
    let Some(harness) = with_a_number().await else { return };

    let refused = harness.database().copy_to(std::path::Path::new("/tmp/copy")).await.unwrap_err();

    assert!(matches!(refused, DatabaseError::Unsupported(_)), "{refused:?}");
    assert!(refused.to_string().contains("pg_dump"), "{refused}");
}

#[test]
#[ignore = "the contract runs it as a process of its own, and kills it"]
fn a_writer_that_is_killed() {
    killed_writer::write(&async |place| {
        let (port, name) = place.split_once(' ').unwrap();
        open(Postgres::local(port.parse().unwrap(), "postgres", name)).await
    });
}

/// Returns when so many statements wait for a table.
async fn waiting(harness: &OnPostgres, count: i64) {
    let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'test_number'::regclass";
    let statement = sea_orm::Statement::from_string(harness.database().get_database_backend(), sql);
    let polling = async {
        loop {
            let row = harness.database().query_one_raw(statement.clone()).await.unwrap().unwrap();
            if row.try_get_by_index::<i64>(0).unwrap() == count {
                return;
            }
            Sources::system().sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), polling).await.unwrap();
}

/// A database with a table whose one number is 0; none without servers.
async fn with_a_number() -> Option<OnPostgres> {
    let place = fresh_database("number", async |place| {
        place.execute("CREATE TABLE test_number (number INTEGER NOT NULL); INSERT INTO test_number VALUES (0)").await;
    });
    Some(OnPostgres::on(place.await?).await)
}

async fn increment(database: &Database) {
    let tx = database.begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE test_number SET number = number + 1").await.unwrap();
    tx.commit().await.unwrap();
}

async fn number(database: &Database) -> i32 {
    let row = database.query_one_raw(select_number(database)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

fn select_number(database: &Database) -> sea_orm::Statement {
    sea_orm::Statement::from_string(database.get_database_backend(), "SELECT number FROM test_number")
}

/// The processes of the server that work for contenders: their last statement asked for a lock, and got none.
const ASKING: &str = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() \
    AND query LIKE 'SELECT pg_try_advisory_lock%' \
    AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)";
/// Those that work for holders.
const HOLDING: &str = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() \
    AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)";

async fn end(place: &TestDatabase, sessions: &str) {
    place.execute(&format!("SELECT pg_terminate_backend(pid::int, 5000) FROM ({sessions}) AS ended")).await;
}

/// Ends every session on the database, as a restart of the server does.
async fn end_sessions(place: &TestDatabase) {
    let others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    place.execute(others).await;
}
