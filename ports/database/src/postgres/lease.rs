//! A connection of the pool while one caller has it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::Object;
use sea_orm::sea_query::Values;
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::PgConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection, Error as Sqlx, Executor, Postgres, query_with};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::errors;
use super::pool::{CHECK_TIMEOUT, Connector, Losses};
use crate::engine::Isolation;

/// No statement waits for its answer for longer than it is given, and a connection that did not answer is never used again:
/// its next user would wait for what the one before it asked.
pub(crate) struct Lease {
    held: Mutex<Held>,
    limit: Duration,
    losses: Losses,
}

struct Held {
    /// `None` only once the lease ends.
    connection: Option<Object<Connector>>,
    in_transaction: bool,
    /// A statement was sent and its answer not taken: its caller went away.
    is_unanswered: bool,
    /// The connection is gone, silent, or leads to a server that takes no writes any more.
    is_lost: bool,
}

impl Lease {
    pub(super) fn new(connection: Object<Connector>, limit: Duration, losses: Losses) -> Self {
        let held = Held { connection: Some(connection), in_transaction: false, is_unanswered: false, is_lost: false };
        Self { held: Mutex::new(held), limit, losses }
    }

    /// Begins the transaction that [`Lease::commit`] commits.
    pub(super) async fn begin(&self, isolation: Isolation) -> Result<(), DbErr> {
        // From here on the connection is given back by a rollback, also when the answer is not waited for.
        self.held.lock().await.in_transaction = true;
        let begin = match isolation {
            Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        self.execute_unprepared(begin).await.map(drop)
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.execute_unprepared("COMMIT").await?;
        self.held.lock().await.in_transaction = false;
        Ok(())
    }

    pub(crate) async fn execute(&self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let mut held = self.ask().await?;
        let answer = timeout(self.limit, prepared(statement).execute(held.connection())).await;
        self.answered(held, answer).map(ExecResult::from).map_err(executing)
    }

    pub(crate) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut held = self.ask().await?;
        let answer = timeout(self.limit, held.connection().execute(AssertSqlSafe(sql))).await;
        self.answered(held, answer).map(ExecResult::from).map_err(executing)
    }

    pub(crate) async fn query_one(&self, statement: &Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut held = self.ask().await?;
        let answer = timeout(self.limit, prepared(statement).fetch_optional(held.connection())).await;
        Ok(self.answered(held, answer).map_err(querying)?.map(QueryResult::from))
    }

    pub(crate) async fn query_all(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.ask().await?;
        let answer = timeout(self.limit, prepared(statement).fetch_all(held.connection())).await;
        let rows = self.answered(held, answer).map_err(querying)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn ask(&self) -> Result<MutexGuard<'_, Held>, DbErr> {
        let mut held = self.held.lock().await;
        if held.is_lost || held.is_unanswered {
            let reason = "an earlier statement of this connection was not answered";
            return Err(querying(io::Error::new(io::ErrorKind::TimedOut, reason).into()));
        }
        held.is_unanswered = true;
        Ok(held)
    }

    fn answered<T>(&self, mut held: MutexGuard<'_, Held>, answer: Result<Result<T, Sqlx>, Elapsed>) -> Result<T, Sqlx> {
        let answer = answer.unwrap_or_else(|_| {
            let reason = format!("Postgres did not answer within {:?}", self.limit);
            Err(io::Error::new(io::ErrorKind::TimedOut, reason).into())
        });
        held.is_unanswered = false;
        if answer.as_ref().is_err_and(errors::ends_connection) {
            held.is_lost = true;
            self.losses.note();
        }
        answer
    }
}

impl Held {
    fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a lease that has not ended holds its connection")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let held = self.held.get_mut();
        let Some(connection) = held.connection.take() else { return };
        if held.is_lost {
            drop(Object::take(connection));
        } else if held.in_transaction || held.is_unanswered {
            give_back_clean(connection, held.in_transaction);
        }
    }
}

/// Ends what a caller left open, so that its locks are free at once, or else the connection.
fn give_back_clean(mut connection: Object<Connector>, in_transaction: bool) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        drop(Object::take(connection));
        return;
    };
    runtime.spawn(async move {
        let cleaned = async {
            if in_transaction { connection.execute("ROLLBACK").await.map(drop) } else { connection.ping().await }
        };
        if !matches!(timeout(CHECK_TIMEOUT, cleaned).await, Ok(Ok(()))) {
            drop(Object::take(connection));
        }
    });
}

fn prepared(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

fn executing(error: Sqlx) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

fn querying(error: Sqlx) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
