//! What every database promises, as tests that each adapter runs unchanged: this suite is the definition of the port.

#![expect(clippy::unwrap_used, reason = "a clause that meets an error has failed")]

mod failures;
mod identity;
mod migrations;
mod transactions;

use async_trait::async_trait;
use clock::ManualClock;
use sea_orm::{Statement, Value};

use crate::{Connection, Database, WriteTransaction};

/// What an adapter brings to the suite.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// A database that nobody has used.
    async fn fresh() -> Self;

    /// The database as this process has it open.
    fn database(&self) -> &Database;

    /// The clock of [`Harness::database`].
    fn clock(&self) -> &ManualClock;

    /// The database as another process opens it.
    async fn connect(&self) -> Database;

    /// Runs [`commit_until_killed`] in a process of its own, kills it without warning in the middle, and answers the last
    /// number that it told.
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

/// Runs every clause, each on a fresh database.
pub async fn run_all<H: Harness>() {
    transactions::run_all::<H>().await;
    migrations::run_all::<H>().await;
    identity::run_all::<H>().await;
    failures::run_all::<H>().await;
}

/// Commits 1, 2, 3 and so on, and tells each number once it is committed.
pub async fn commit_until_killed(database: &Database, mut tell: impl FnMut(i32)) {
    for number in 1.. {
        let tx = database.begin_write().await.unwrap();
        execute(&tx, "INSERT INTO contract_number (number) VALUES ($1)", [number.into()]).await.unwrap();
        tx.commit().await.unwrap();
        tell(number);
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
