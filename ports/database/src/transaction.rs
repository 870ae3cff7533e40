//! A transaction that may write, and the one instant at which all of it happens.

use std::sync::atomic::{AtomicBool, Ordering};

use clock::{Sources, Timestamp};
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::watch;

use crate::{Database, Result, Vault};

/// An open transaction. Keep it short, and never wait for a network inside one.
pub struct WriteTransaction {
    pub(crate) inner: DatabaseTransaction,
    now: Timestamp,
    sources: Sources,
    vault: Vault,
    announces: AtomicBool,
    announcements: watch::Sender<u64>,
}

impl WriteTransaction {
    /// IMMEDIATE takes SQLite's write lock at once: a lock taken only at the first write could find its snapshot stale and
    /// fail halfway. Postgres ignores the mode.
    pub(crate) async fn begin(database: &Database) -> Result<Self> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        Ok(Self {
            inner: database.writer.begin_with_options(options).await?,
            now: database.sources.now(),
            sources: database.sources.clone(),
            vault: database.vault.clone(),
            announces: AtomicBool::new(false),
            announcements: database.announcements.clone(),
        })
    }

    /// When all of this transaction happens.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time, ids and randomness.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Seals what must not stand here in plain.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Makes the commit wake whoever watches [`Database::announcements`].
    pub fn announce(&self) {
        self.announces.store(true, Ordering::Relaxed);
    }

    /// Makes everything in the transaction true at once.
    ///
    /// # Errors
    /// Nothing of it is true then; except when the connection broke during the commit, where only a look can tell.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await?;
        if self.announces.into_inner() {
            self.announcements.send_modify(|count| *count += 1);
        }
        Ok(())
    }
}
