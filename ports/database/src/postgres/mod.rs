//! Postgres: many writers at once, in this process and in others.
//!
//! A transaction is REPEATABLE READ: whoever would overwrite what another one wrote meanwhile is refused as unavailable
//! and may come again, so no update is lost. What waits instead of being refused is READ COMMITTED, for it must see what
//! the one before it did. SERIALIZABLE would also refuse transactions that only stand near each other in an index.

mod address;
mod connect;
mod errors;
mod lease;
mod migrator;
mod pool;
mod session;

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use crate::channel::Channel;
use crate::engine::{Engine, Isolation};
use crate::{DatabaseError, Result, SessionLock};

pub use address::{Postgres, SslMode};
pub(crate) use errors::{is_locked, is_overtaken, is_surroundings};
pub(crate) use lease::Lease;
use pool::Pool;
pub(crate) use session::Session;

/// Opens the database at `address` once a connection has shown that it takes us.
pub(crate) async fn connect(address: &Postgres) -> Result<Box<dyn Engine>> {
    connect::check(address).await?;
    Ok(Box::new(PostgresEngine { address: address.clone(), pool: Pool::new(address) }))
}

struct PostgresEngine {
    address: Postgres,
    pool: Pool,
}

/// The number that an advisory lock knows `name` by.
fn lock_number(purpose: &str, name: &str) -> i64 {
    let hash = digest(&SHA256, format!("lezzetlimani {purpose} {name}").as_bytes());
    let (first, _) = hash.as_ref().split_first_chunk().expect("SHA-256 has 32 bytes");
    i64::from_be_bytes(*first)
}

#[async_trait]
impl Engine for PostgresEngine {
    fn backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn is_lost(&self, error: &DbErr) -> bool {
        errors::is_lost(error)
    }

    fn is_locked(&self, error: &DbErr) -> bool {
        errors::is_locked(error)
    }

    async fn read(&self) -> Result<Channel, DbErr> {
        Ok(Channel::Lease(self.pool.lease().await?))
    }

    async fn begin(&self, isolation: Isolation) -> Result<Channel, DbErr> {
        let lease = self.pool.lease().await?;
        lease.begin(isolation).await?;
        Ok(Channel::Lease(lease))
    }

    /// All in one round trip: a transaction may have a hundred subjects.
    async fn take_turns(&self, tx: &Channel, subjects: &[String]) -> Result<(), DbErr> {
        let numbers: Vec<String> = subjects.iter().map(|subject| lock_number("turn", subject).to_string()).collect();
        let sql =
            format!("SELECT pg_advisory_xact_lock(turn) FROM unnest(ARRAY[{}]::bigint[]) AS turn", numbers.join(", "));
        tx.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Whoever could have it besides others that only ask lets go of it with the statement.
    async fn has_turn(&self, subject: &str) -> Result<bool> {
        let number = lock_number("turn", subject);
        Ok(self.ask(&format!("SELECT pg_try_advisory_xact_lock_shared({number})::text")).await? == "false")
    }

    /// The connection itself holds the lock.
    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)> {
        Ok((migrator::for_migrations(&self.address).await?, None))
    }

    async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>> {
        let session = Session::try_lock(&self.address, lock_number("session", name)).await?;
        Ok(session.map(SessionLock::of_session))
    }

    /// In one question, without a connection for each.
    async fn held_session_locks(&self, names: Vec<String>) -> Result<BTreeSet<String>> {
        let held = self.ask(session::HELD).await?;
        let held: BTreeSet<&str> = held.split(' ').collect();
        let is_held = |name: &String| held.contains(lock_number("session", name).to_string().as_str());
        Ok(names.into_iter().filter(is_held).collect())
    }

    async fn contend(&self, name: &str, standby: &mut Option<Session>) -> Result<Option<SessionLock>> {
        let session = Session::contend(&self.address, lock_number("session", name), standby).await?;
        Ok(session.map(SessionLock::of_session))
    }

    /// The cluster's number changes with a restore into another server, the database's with one into the same.
    async fn system_identifier(&self) -> Result<String> {
        let database = self.ask("SELECT oid::text FROM pg_database WHERE datname = current_database()").await?;
        let cluster = match self.ask("SELECT system_identifier::text FROM pg_control_system()").await {
            // A careful operator may have taken this function from us.
            Err(DatabaseError::Unexpected(_)) => "unknown".to_owned(),
            answer => answer?,
        };
        Ok(format!("postgres:{cluster}:{database}"))
    }

    async fn copy_to(&self, _: &Path) -> Result<()> {
        let reason = format!("a copy of {} is made by its own tool: pg_dump --format=custom", self.address);
        Err(DatabaseError::Unsupported(reason))
    }

    async fn close(&self) -> Result<(), DbErr> {
        self.pool.close().await;
        Ok(())
    }
}

impl PostgresEngine {
    async fn ask(&self, sql: &str) -> Result<String> {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.pool.lease().await?.query_one(&statement).await?;
        Ok(row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?.try_get_by_index(0)?)
    }
}
