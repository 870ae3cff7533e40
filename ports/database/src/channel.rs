//! Where statements go: one connection, or a pool that picks one for each.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use crate::postgres::Lease;

/// An open way to the database. Dropped inside a transaction, it takes back what was not committed.
pub(crate) enum Channel {
    /// SQLite, outside of a transaction.
    Pool(DatabaseConnection),
    /// SQLite, inside of one.
    Transaction(DatabaseTransaction),
    /// A connection to Postgres that nobody else uses meanwhile.
    Lease(Lease),
}

impl Channel {
    /// Commits the transaction that it was begun with.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::Pool(_) => Err(DbErr::Custom("there is no transaction to commit".to_owned())),
            Self::Transaction(tx) => tx.commit().await,
            Self::Lease(lease) => lease.commit().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Channel {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(pool) => pool.get_database_backend(),
            Self::Transaction(tx) => tx.get_database_backend(),
            Self::Lease(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        trace(&statement);
        match self {
            Self::Pool(pool) => pool.execute_raw(statement).await,
            Self::Transaction(tx) => tx.execute_raw(statement).await,
            Self::Lease(lease) => lease.execute(&statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_unprepared(sql).await,
            Self::Transaction(tx) => tx.execute_unprepared(sql).await,
            Self::Lease(lease) => lease.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        trace(&statement);
        match self {
            Self::Pool(pool) => pool.query_one_raw(statement).await,
            Self::Transaction(tx) => tx.query_one_raw(statement).await,
            Self::Lease(lease) => lease.query_one(&statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        trace(&statement);
        match self {
            Self::Pool(pool) => pool.query_all_raw(statement).await,
            Self::Transaction(tx) => tx.query_all_raw(statement).await,
            Self::Lease(lease) => lease.query_all(&statement).await,
        }
    }
}

/// Shows what is asked without its values, which may be secrets.
fn trace(statement: &Statement) {
    tracing::trace!(target: "database::statements", statement = statement.sql, "asking");
}
