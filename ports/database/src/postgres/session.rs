//! A connection outside of the pool, for what belongs to a connection.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Error as Sqlx, query_scalar};

use super::Postgres;
use super::connect::{open, options};
use crate::Result;

/// A connection whose end the server takes as the end of its locks.
pub(crate) struct Session(PgConnection);

/// Whoever does not answer for so long may be gone.
const ANSWER: Duration = Duration::from_secs(1);
/// A process that hangs keeps its connections open. One that does not ask for its lock for so many milliseconds loses it.
const HANGS: &str = "5000";

impl Session {
    pub(super) async fn open(address: &Postgres) -> Result<Self> {
        let options = options(address).options([("idle_session_timeout", HANGS)]);
        Ok(Self(open(address, &options).await?))
    }

    pub(super) async fn try_lock(&mut self, number: i64) -> Result<bool> {
        let lock = query_scalar("SELECT pg_try_advisory_lock($1)").bind(number);
        let answer = lock.fetch_one(&mut self.0).await;
        Ok(answer.map_err(|error: Sqlx| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))?)
    }

    /// In order, so that the server does not log a client that went away.
    pub(super) async fn close(self) {
        if let Err(error) = self.0.close().await {
            tracing::debug!(%error, "a connection could not be closed in order");
        }
    }

    pub(crate) async fn is_alive(&mut self) -> bool {
        matches!(tokio::time::timeout(ANSWER, self.0.ping()).await, Ok(Ok(())))
    }
}
