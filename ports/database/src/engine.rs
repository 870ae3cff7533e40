//! What each database does in its own way; everything else is one code path.

use std::path::Path;

use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use crate::{Result, SessionLock};

/// An open database, as its adapter hands it over.
pub(crate) struct Opened {
    pub(crate) reader: DatabaseConnection,
    pub(crate) writer: DatabaseConnection,
    pub(crate) engine: Box<dyn Engine>,
}

#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// Whether `error` says that the connection was gone, so that a read or a begin may be tried on another one.
    fn is_lost(&self, error: &DbErr) -> bool;

    /// Lets each statement of `tx`, which has done nothing yet, see what is committed by then.
    async fn relax(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;

    /// Puts `tx`, which has done nothing yet, behind all others on each of `subjects`, one after the other, and lets it see
    /// what they did.
    async fn take_turns(&self, tx: &DatabaseTransaction, subjects: &[String]) -> Result<(), DbErr>;

    /// A connection for migrations, and what keeps other processes from theirs until it is dropped.
    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)>;

    async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>>;

    async fn system_identifier(&self) -> Result<String>;

    async fn copy_to(&self, file: &Path) -> Result<()>;
}
