//! Queries run on the database itself, to read, or in a transaction, to write.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{Database, WriteTransaction};

/// A query whose connection turns out to be gone is asked once more on another one; it only reads.
#[async_trait]
impl ConnectionTrait for Database {
    fn get_database_backend(&self) -> DbBackend {
        self.engine.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.engine.read().await?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.engine.read().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self.engine.read().await?.query_one_raw(statement.clone()).await {
            Err(error) if self.engine.is_lost(&error) => self.engine.read().await?.query_one_raw(statement).await,
            answer => answer,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self.engine.read().await?.query_all_raw(statement.clone()).await {
            Err(error) if self.engine.is_lost(&error) => self.engine.read().await?.query_all_raw(statement).await,
            answer => answer,
        }
    }
}

#[async_trait]
impl ConnectionTrait for WriteTransaction {
    fn get_database_backend(&self) -> DbBackend {
        self.channel.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.refuse_if_failed()?;
        self.noted(self.channel.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.refuse_if_failed()?;
        self.noted(self.channel.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.refuse_if_failed()?;
        self.noted(self.channel.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.refuse_if_failed()?;
        self.noted(self.channel.query_all_raw(statement)).await
    }
}
