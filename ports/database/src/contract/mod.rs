//! What every database promises, as tests that each adapter runs unchanged: this suite is the definition of the port.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]
#![expect(missing_docs, reason = "the name of a clause is the sentence that it proves")]

pub mod daily_writes;
pub mod failures;
pub mod identity;
pub mod migrations;
pub mod transactions;

use async_trait::async_trait;
use clock::ManualClock;
use sea_orm::{Statement, Value};

use crate::{Connection, Database, WriteTransaction};

/// What an adapter brings to the suite.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// Whether this run has the server that it needs; without it no clause is tested.
    fn is_wanted() -> bool;

    /// A database that nobody has used.
    async fn fresh() -> Self;

    /// The database as this process has it open.
    fn database(&self) -> &Database;

    /// The clock of [`Harness::database`].
    fn clock(&self) -> &ManualClock;

    /// The database as another process opens it.
    async fn connect(&self) -> Database;

    /// Runs [`commit_until_killed`] in a process of its own, kills it without warning in the middle, and answers the last
    /// number that it said.
    async fn kill_a_writer(&self) -> i32;

    /// Lets no write of [`Harness::database`] succeed any more.
    async fn forbid_writes(&self);

    /// Takes [`Harness::forbid_writes`] back.
    async fn allow_writes(&self);

    /// A connection over what can fall silent.
    async fn connect_afar(&self) -> Database;

    /// Lets all that [`Harness::connect_afar`] has open wait for an answer that does not come.
    async fn fall_silent(&self);

    /// Takes [`Harness::fall_silent`] back, at least for what is opened anew.
    async fn be_heard(&self);

    /// Lets the database end `tx` by itself, with an error of a statement.
    async fn end_transaction(&self, tx: &WriteTransaction);
}

/// A test for each clause, on what the [`Harness`] brings: `database::contract!(Sqlite)` in a module of its own.
#[macro_export]
macro_rules! contract {
    ($harness:ty) => {
        testkit::clauses! {
            $crate $harness;
            transactions {
                parallel_writers_lose_no_update,
                who_takes_turns_on_a_subject_is_never_refused,
                who_waits_too_long_for_a_subject_hears_so,
                whether_somebody_has_a_subject_is_known_without_a_wait,
                a_conditional_update_happens_once_and_refuses_nobody,
                a_transaction_with_a_failed_statement_cannot_be_committed,
                a_savepoint_takes_back_what_came_after_it_and_nothing_else,
                a_dropped_transaction_changes_nothing,
                nobody_sees_what_is_not_committed,
                a_unique_value_is_taken_once,
                a_row_that_points_nowhere_is_refused,
                only_a_commit_that_announced_is_announced,
                what_is_announced_wakes_those_alone_who_watch_it,
                what_was_announced_before_a_wait_ends_it,
                a_commit_reports_what_was_not_taken_back_to_those_who_listen,
                instants_keep_their_microseconds_and_their_order,
                a_transaction_happens_at_one_instant,
            }
            migrations {
                a_schema_goes_forward_and_each_step_is_taken_once,
                a_newer_schema_is_refused_and_left_alone,
                a_migration_that_fails_halfway_changes_nothing,
                owners_migrate_side_by_side,
                processes_migrate_at_the_same_time,
            }
            identity {
                a_session_lock_has_one_holder_until_it_is_dropped,
                a_contender_takes_a_session_lock_once_its_holder_lets_go,
                a_database_is_distinguished_from_every_other,
            }
            failures {
                what_was_committed_survives_a_kill,
                a_probe_shows_whether_writes_succeed,
                however_many_probe_within_a_second_it_costs_one_commit,
                a_transaction_that_the_database_ended_takes_nothing_with_it,
                a_transaction_goes_nowhere_after_a_statement_that_nobody_waited_for,
                a_silent_database_costs_seconds_and_serves_again_once_it_is_heard,
            }
            daily_writes {
                writes_are_counted_by_writer_scope_and_day,
                a_write_that_is_not_committed_is_not_counted,
                writes_at_once_are_all_counted_and_none_is_refused,
            }
        }
    };
}

/// Commits 1, 2, 3 and so on, and says each number once it is committed.
pub async fn commit_until_killed(database: &Database, mut acknowledge: impl FnMut(i32)) {
    for number in 1.. {
        let tx = database.begin_write().await.unwrap();
        execute(&tx, "INSERT INTO contract_number (number) VALUES ($1)", [number.into()]).await.unwrap();
        tx.commit().await.unwrap();
        acknowledge(number);
    }
}

/// A harness whose database has the tables of the suite.
async fn migrated<H: Harness>() -> H {
    let harness = H::fresh().await;
    harness.database().migrate(migrations::CURRENT).await.unwrap();
    harness
}

async fn execute<C: Connection>(
    connection: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> crate::Result<()> {
    connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// The numbers in the first column.
async fn numbers<C: Connection>(connection: &C, sql: &str) -> Vec<i32> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
