//! The port to the relational database: one code path to SQLite and Postgres.
//!
//! What stands here is the truth; every other store is told after the commit. Queries are written in the services'
//! `store` rooms against any [`Connection`]; this crate opens connections, begins writes, runs migrations and seals what
//! must not stand in a database in plain.

mod connection;
mod error;
mod migrate;
mod probe;
mod sqlite;
mod transaction;
mod vault;

#[cfg(feature = "contract")]
pub mod contract;

use std::path::PathBuf;

use clock::Sources;
use sea_orm::DatabaseConnection;
use tokio::sync::watch;

pub use error::{DatabaseError, Result};
pub use migrate::Migrations;
pub use sea_orm::ConnectionTrait as Connection;
pub use transaction::WriteTransaction;
pub use vault::{Tampered, Vault};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file in the data folder, made when missing.
    Sqlite(PathBuf),
}

/// An open database, cheap to clone. Reads go through it directly, writes through [`Database::begin_write`].
#[derive(Clone)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    sources: Sources,
    vault: Vault,
    announcements: watch::Sender<u64>,
}

impl Database {
    /// Opens the database at `url`.
    ///
    /// # Errors
    /// The database is away, refuses us, or its file can't be made.
    pub async fn connect(url: &DatabaseUrl, sources: Sources, vault: Vault) -> Result<Self> {
        let (reader, writer) = match url {
            DatabaseUrl::Sqlite(file) => sqlite::connect(file).await?,
        };
        Ok(Self { reader, writer, sources, vault, announcements: watch::Sender::new(0) })
    }

    /// Begins a transaction that may write. Values are read and written inside it; it ends with
    /// [`WriteTransaction::commit`], or is rolled back when dropped.
    ///
    /// # Errors
    /// The database is away, or another writer kept it for longer than two seconds.
    pub async fn begin_write(&self) -> Result<WriteTransaction> {
        WriteTransaction::begin(self).await
    }

    /// Counts the commits that announced something, such as new rows in the outbox; watch it instead of polling.
    #[must_use]
    pub fn announcements(&self) -> watch::Receiver<u64> {
        self.announcements.subscribe()
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

    /// Writes a full, consistent copy of the database into `file` while others go on reading and writing.
    ///
    /// # Errors
    /// `file` exists already or can't be written.
    pub async fn copy_to(&self, file: &std::path::Path) -> Result<()> {
        sqlite::copy(&self.reader, file).await
    }

    /// Closes all connections; what was committed stays.
    ///
    /// # Errors
    /// A connection could not be closed in order.
    pub async fn close(&self) -> Result<()> {
        self.writer.close_by_ref().await?;
        Ok(self.reader.close_by_ref().await?)
    }
}
