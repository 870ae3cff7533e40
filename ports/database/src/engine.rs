//! What each database does in its own way; everything else is one code path.

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use crate::channel::Channel;
use crate::{Result, SessionLock, postgres};

/// What a transaction sees of others where several may write at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// What was committed when it began; who would overwrite what came later is refused.
    Snapshot,
    /// With each statement what is committed by then; who would overwrite something waits.
    ReadCommitted,
}

/// An open database, as its adapter hands it over.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    fn backend(&self) -> DbBackend;

    /// Whether `error` says that the connection was gone, so that a read or a begin may be tried on another one.
    fn is_lost(&self, error: &DbErr) -> bool;

    /// Whether `error` says that others kept a lock for too long that a migration waits for.
    fn is_locked(&self, error: &DbErr) -> bool;

    /// Where one statement that only reads may go.
    async fn read(&self) -> Result<Channel, DbErr>;

    /// Begins a transaction that may write.
    async fn begin(&self, isolation: Isolation) -> Result<Channel, DbErr>;

    /// Puts `tx`, which has done nothing yet, behind all others on each of `subjects`, one after the other.
    async fn take_turns(&self, tx: &Channel, subjects: &[String]) -> Result<(), DbErr>;

    /// Whether a transaction of another process has its turn on `subject`, as far as that can be known.
    async fn has_turn(&self, subject: &str) -> Result<bool>;

    /// A connection for migrations, and what keeps other processes from theirs until it is dropped. Waits for as long as
    /// another process lives that has one.
    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)>;

    async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>>;

    /// Those of `names` whose session lock somebody has.
    async fn held_session_locks(&self, names: Vec<String>) -> Result<BTreeSet<String>>;

    /// Tries to take a lock as one does who asks for it again and again; what that keeps open is left in `standby`.
    async fn contend(&self, name: &str, standby: &mut Option<postgres::Session>) -> Result<Option<SessionLock>>;

    async fn system_identifier(&self) -> Result<String>;

    async fn copy_to(&self, file: &Path) -> Result<()>;

    async fn close(&self) -> Result<(), DbErr>;
}
