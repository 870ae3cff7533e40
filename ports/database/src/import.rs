//! A transaction of minutes, for rows that come from somewhere else.

use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};

use crate::{Database, Result, SessionLock};

/// An open transaction that no time ends; dropped, it changes nothing. Nobody migrates the database meanwhile.
pub struct ImportTransaction {
    tx: DatabaseTransaction,
    _connection: DatabaseConnection,
    _lock: Option<SessionLock>,
}

impl Database {
    /// Begins a transaction that may read and write millions of rows while others work, in turn with migrations.
    ///
    /// # Errors
    /// The database is away.
    pub async fn begin_import(&self) -> Result<ImportTransaction> {
        let (connection, lock) = self.engine.migrator().await?;
        Ok(ImportTransaction { tx: connection.begin().await?, _connection: connection, _lock: lock })
    }
}

impl ImportTransaction {
    /// Where its statements go.
    #[must_use]
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Makes everything in the transaction true at once.
    ///
    /// # Errors
    /// Nothing of it is true then; except when the connection broke during the commit, where only a look can tell.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// Takes back everything in the transaction.
    ///
    /// # Errors
    /// The database is away, and takes everything back by itself.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
