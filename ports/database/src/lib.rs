//! The port to the relational database: one code path to SQLite and Postgres.
//!
//! What stands here is the truth; every other store is written after the commit. Queries are written in the services'
//! `store` modules against any [`Connection`]; this crate opens connections, begins writes, runs migrations and seals what
//! must not stand in a database in plain.

mod announcements;
mod channel;
mod connection;
pub mod daily_write;
mod engine;
mod error;
pub mod idempotency;
pub mod import;
mod kept_key;
mod last;
mod migrate;
mod open;
mod postgres;
mod probe;
mod session_lock;
mod sqlite;
mod transaction;
mod turns;
mod vault;

#[cfg(feature = "contract")]
pub mod contract;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clock::{Recent, Sources};
use tokio::sync::{broadcast, watch};

use announcements::Announcements;
use engine::{Engine, Isolation};
use turns::Turns;

pub use error::{DatabaseError, Result};
pub use import::ImportTransaction;
pub use last::LastRow;
pub use migrate::Migrations;
pub use postgres::{Postgres, SslMode};
pub use sea_orm::ConnectionTrait as Connection;
pub use session_lock::{Contender, SessionLock};
pub use transaction::{Savepoint, WriteTransaction};
pub use vault::{Tampered, Vault};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file in the data folder, made when missing.
    Sqlite(PathBuf),
    /// A database of a server, made by its operator.
    Postgres(Postgres),
}

/// An open database, cheap to clone. Reads go through it directly, writes through [`Database::begin_write`].
#[derive(Clone)]
pub struct Database {
    engine: Arc<dyn Engine>,
    sources: Sources,
    vault: Vault,
    announcements: Announcements,
    turns: Turns,
    probed: Arc<Recent<Result<()>>>,
}

impl Database {
    /// Begins a transaction that may write. Values are read and written inside it; it ends with
    /// [`WriteTransaction::commit`], or is rolled back when dropped.
    ///
    /// No update is lost: where another transaction was faster to change a row that this one read and changes, or kept it
    /// for longer than two seconds, a statement of this one fails as [`DatabaseError::Unavailable`].
    ///
    /// # Errors
    /// The database is away, or on SQLite another writer kept it for longer than two seconds.
    pub async fn begin_write(&self) -> Result<WriteTransaction> {
        WriteTransaction::begin(self, Isolation::Snapshot).await
    }

    /// Begins a transaction that has `subject` to itself: others that name the same one, in any process, happen before it,
    /// and it sees what they did, or after it. For actions that decide by several rows, or that often meet on the same one.
    ///
    /// # Errors
    /// The database is away, or the others kept the subject for longer than two seconds.
    pub async fn begin_locked(&self, subject: &str) -> Result<WriteTransaction> {
        self.begin_locked_each(vec![subject.to_owned()]).await
    }

    /// Begins a transaction that has all of `subjects` to itself, as [`Database::begin_locked`] does for one.
    ///
    /// # Errors
    /// The database is away, or the others kept a subject for longer than two seconds.
    pub async fn begin_locked_each(&self, mut subjects: Vec<String>) -> Result<WriteTransaction> {
        // Everybody waits in the same order, so nobody waits in a circle.
        subjects.sort_unstable();
        subjects.dedup();
        let tx = WriteTransaction::begin(self, Isolation::ReadCommitted).await?;
        self.engine.take_turns(&tx.channel, &subjects).await?;
        Ok(tx.having(self.turns.take(subjects)))
    }

    /// Whether somebody has `subject` to itself at this moment, as by [`Database::begin_locked`]: for who would wait for nothing,
    /// or says why it has waited. On SQLite, where other processes write now and then at most, this process alone is known.
    ///
    /// # Errors
    /// The database is away.
    pub async fn is_locked(&self, subject: &str) -> Result<bool> {
        Ok(self.turns.has(subject) || self.engine.has_turn(subject).await?)
    }

    /// Begins a transaction whose every statement sees what is committed by then, and waits for others on the same row
    /// instead of being refused. For claims, and for updates that carry their condition with them: what it has read may
    /// change before it writes.
    ///
    /// # Errors
    /// The database is away, or on SQLite another writer kept it for longer than two seconds.
    pub async fn begin_read_committed(&self) -> Result<WriteTransaction> {
        WriteTransaction::begin(self, Isolation::ReadCommitted).await
    }

    /// Takes a lock that this process has until it drops it or dies; `None` while somebody has it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>> {
        self.engine.try_session_lock(name).await
    }

    /// Those of `names` whose session lock somebody has at this moment: for who watches over many.
    ///
    /// # Errors
    /// The database is away.
    pub async fn held_session_locks(&self, names: Vec<String>) -> Result<BTreeSet<String>> {
        self.engine.held_session_locks(names).await
    }

    /// Prepares to take a session lock as soon as its holder lets go or dies: for who asks again and again.
    #[must_use]
    pub fn contend(&self, name: &str) -> Contender {
        Contender::new(Arc::clone(&self.engine), name)
    }

    /// Names this very database: another one follows where it was restored from a copy.
    ///
    /// # Errors
    /// The database is away.
    pub async fn system_identifier(&self) -> Result<String> {
        self.engine.system_identifier().await
    }

    /// Counts the commits of this process that announced `subject`, such as new rows of one topic; watch it instead of polling.
    #[must_use]
    pub fn announcements_of(&self, subject: &str) -> watch::Receiver<u64> {
        self.announcements.of(subject)
    }

    /// Counts the commits of this process that announced anything.
    #[must_use]
    pub fn announcements(&self) -> watch::Receiver<u64> {
        self.announcements.any()
    }

    /// What the commits of this process report of `subject` from now on, in the order of the commits as they are known here. Who
    /// is more than 1 024 behind gets an error, and has missed some.
    #[must_use]
    pub fn reports_of(&self, subject: &'static str) -> broadcast::Receiver<Arc<[u8]>> {
        self.announcements.reports_of(subject)
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
    /// `file` exists already or can't be written, or the database is Postgres, which has its own tool.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        self.engine.copy_to(file).await
    }

    /// Closes all connections; what was committed stays.
    ///
    /// # Errors
    /// A connection could not be closed in order.
    pub async fn close(&self) -> Result<()> {
        Ok(self.engine.close().await?)
    }
}
