//! A connection outside of the pool, for what belongs to a connection.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, query_as, query_scalar};

use super::Postgres;
use super::connect::{answer, close, open, options};
use crate::{DatabaseError, Result};

/// A connection that has a lock, whose end the server takes as the end of the lock.
pub(crate) struct Session {
    connection: PgConnection,
    address: Postgres,
    lock: i64,
    /// What the server calls the process that works for the connection.
    process: i32,
}

/// Whoever does not answer for so long may be gone.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// A process that hangs keeps its connections open. One that does not ask for its lock for so many milliseconds loses it.
const HANGS: &str = "5000";
/// Who has a lock, by the two halves of its number.
pub(super) const HOLDER: &str = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND (classid::bigint << 32) | objid::bigint = $1";

/// The numbers of all locks that somebody has.
pub(super) const HELD: &str = "SELECT coalesce(string_agg(((classid::bigint << 32) | objid::bigint)::text, ' '), '') FROM pg_locks \
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

impl Session {
    /// Takes the lock; `None` while somebody has it.
    pub(super) async fn try_lock(address: &Postgres, lock: i64) -> Result<Option<Self>> {
        let (is_taken, session) = Self::ask_for(address, lock).await?;
        if is_taken {
            return Ok(Some(session));
        }
        close(session.connection).await;
        Ok(None)
    }

    /// Takes the lock; while somebody has it the connection stays open in `standby`, to ask on. One that fails or falls
    /// silent is thrown away.
    pub(super) async fn contend(address: &Postgres, lock: i64, standby: &mut Option<Self>) -> Result<Option<Self>> {
        if let Some(mut session) = standby.take()
            && let Ok(is_taken) = session.try_again().await
        {
            if is_taken {
                return Ok(Some(session));
            }
            *standby = Some(session);
            return Ok(None);
        }
        let (is_taken, session) = Self::ask_for(address, lock).await?;
        if is_taken {
            return Ok(Some(session));
        }
        *standby = Some(session);
        Ok(None)
    }

    async fn try_again(&mut self) -> Result<bool> {
        let asked = query_scalar("SELECT pg_try_advisory_lock($1)").bind(self.lock);
        answer(&self.address, asked.fetch_one(&mut self.connection)).await
    }

    async fn ask_for(address: &Postgres, lock: i64) -> Result<(bool, Self)> {
        let options = options(address).options([("idle_session_timeout", HANGS)]);
        let mut connection = open(address, &options).await?;
        let asked = query_as("SELECT pg_try_advisory_lock($1), pg_backend_pid()").bind(lock);
        let (is_taken, process) = answer(address, asked.fetch_one(&mut connection)).await?;
        Ok((is_taken, Self { connection, address: address.clone(), lock, process }))
    }

    pub(crate) async fn is_alive(&mut self) -> bool {
        matches!(tokio::time::timeout(ANSWER_TIMEOUT, self.connection.ping()).await, Ok(Ok(())))
    }

    /// Takes the lock again where the connection is gone; answers whether nobody else has it.
    pub(crate) async fn renew(&mut self) -> Result<bool> {
        if self.is_alive().await {
            return Ok(true);
        }
        let (is_taken, mut next) = Self::ask_for(&self.address, self.lock).await?;
        if is_taken {
            *self = next;
            return Ok(true);
        }
        let asked = query_scalar(HOLDER).bind(self.lock);
        let holder: Option<i32> = answer(&self.address, asked.fetch_optional(&mut next.connection)).await?;
        close(next.connection).await;
        if holder.is_some_and(|holder| holder != self.process) {
            return Ok(false);
        }
        let reason = "the server has not ended the connection yet that had the lock";
        Err(DatabaseError::Unavailable(DbErr::Custom(reason.to_owned())))
    }
}
