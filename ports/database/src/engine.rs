//! What each database does in its own way; everything else is one code path.

use std::path::Path;

use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use crate::channel::Channel;
use crate::{Result, SessionLock, postgres};

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
    async fn begin(&self) -> Result<Channel, DbErr>;

    /// Lets each statement of `tx`, which has done nothing yet, see what is committed by then.
    async fn relax(&self, tx: &Channel) -> Result<(), DbErr>;

    /// Puts `tx`, which has done nothing yet, behind all others on each of `subjects`, one after the other, and lets it see
    /// what they did.
    async fn take_turns(&self, tx: &Channel, subjects: &[String]) -> Result<(), DbErr>;

    /// Whether a transaction of another process has its turn on `subject`, as far as that can be known.
    async fn has_turn(&self, subject: &str) -> Result<bool>;

    /// A connection for migrations, and what keeps other processes from theirs until it is dropped. Waits for as long as
    /// another process lives that has one.
    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)>;

    async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>>;

    /// Tries to take a lock as one does who asks for it again and again; what that keeps open is left in `standby`.
    async fn contend(&self, name: &str, standby: &mut Option<postgres::Session>) -> Result<Option<SessionLock>>;

    async fn system_identifier(&self) -> Result<String>;

    async fn copy_to(&self, file: &Path) -> Result<()>;

    async fn close(&self) -> Result<(), DbErr>;
}
