//! SQLite: one writer, several readers, every commit on disk before it is answered.
//!
//! Writers happen one after another whatever they touch, so turns need nothing more.
//!
//! SQLite ends a transaction by itself when it meets a full disk, an I/O error or too little memory
//! (<https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>). The driver does not notice: it takes
//! the next transaction for a nested one, which no commit ever ends. So a connection comes back to its pool only where the
//! driver's account is settled; otherwise it is closed, and with it whatever stood open.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;

use crate::channel::Channel;
use crate::engine::{Engine, Isolation};
use crate::{DatabaseError, Result, SessionLock, postgres};

/// How long a statement waits for another process's write, and a request for a connection. Longer, and a request would
/// rather hear that the database is busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a lock is asked for that another process has.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How often it is logged that another process is waited for.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);
/// To how many bytes the log is cut back once it was copied into the database.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

/// Opens `file`, for readers and for the writer.
///
/// SQLite lets one connection write at a time. A pool of one makes writers of this process queue fairly, where several
/// would poll the file's lock.
pub(crate) async fn connect(file: &Path) -> Result<Box<dyn Engine>> {
    refuse_foreign_log(file)?;
    let writer = pool(file, 1).await?;
    let reader = pool(file, 4).await?;
    Ok(Box::new(SqliteEngine { file: file.to_owned(), reader, writer }))
}

/// SQLite replays whatever log stands beside a file, whose it is does not stand in the log. But a file that `VACUUM INTO` made has
/// never had one: its header says so until it is opened here (<https://sqlite.org/fileformat.html>, section 1.3.3).
fn refuse_foreign_log(file: &Path) -> Result<()> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) && has_no_log(file).map_err(unavailable)? {
        return Err(DatabaseError::ForeignLog(file.display().to_string()));
    }
    Ok(())
}

/// Whether the header of `file` names the rollback journal as what readers and writers use. What is no database is refused by
/// SQLite.
fn has_no_log(file: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    File::open(file)?.take(20).read_to_end(&mut header)?;
    Ok(header.get(18..20) == Some(&[1, 1]))
}

async fn pool(file: &Path, connections: u32) -> Result<DatabaseConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // The log keeps the size of the largest transaction otherwise.
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT);
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(BUSY_TIMEOUT)
        .after_release(|connection, _| Box::pin(is_settled(connection)))
        .connect_with(sqlx::ConnectOptions::disable_statement_logging(options))
        .await;
    Ok(pool.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))?.into())
}

/// Whether the driver knows of no open transaction once all that was asked of the connection is done.
async fn is_settled(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

struct SqliteEngine {
    file: PathBuf,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

#[async_trait]
impl Engine for SqliteEngine {
    fn backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    /// Nobody but us closes a file.
    fn is_lost(&self, _: &DbErr) -> bool {
        false
    }

    /// Nobody keeps the file for longer than a transaction takes, which is waited for.
    fn is_locked(&self, _: &DbErr) -> bool {
        false
    }

    async fn read(&self) -> Result<Channel, DbErr> {
        Ok(Channel::Pool(self.reader.clone()))
    }

    /// IMMEDIATE takes the write lock at once: a lock taken only at the first write could find its snapshot stale and fail
    /// halfway.
    async fn begin(&self, _: Isolation) -> Result<Channel, DbErr> {
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        Ok(Channel::Transaction(self.writer.begin_with_options(options).await?))
    }

    async fn take_turns(&self, _: &Channel, _: &[String]) -> Result<(), DbErr> {
        Ok(())
    }

    /// Another process has the whole database then, and says nothing of what for.
    async fn has_turn(&self, _: &str) -> Result<bool> {
        Ok(false)
    }

    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)> {
        let lock = self.wait_for_turn(REPORT_INTERVAL, watch::Sender::new(0)).await?;
        Ok((self.writer.clone(), Some(lock)))
    }

    /// The system takes the lock of a file back when its holder dies.
    async fn try_session_lock(&self, name: &str) -> Result<Option<SessionLock>> {
        let file = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(SessionLock::of_file(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }

    async fn held_session_locks(&self, names: Vec<String>) -> Result<BTreeSet<String>> {
        let mut held = BTreeSet::new();
        for name in names {
            if self.try_session_lock(&name).await?.is_none() {
                held.insert(name);
            }
        }
        Ok(held)
    }

    /// To open a file costs nothing.
    async fn contend(&self, name: &str, _: &mut Option<postgres::Session>) -> Result<Option<SessionLock>> {
        self.try_session_lock(name).await
    }

    /// A file that was copied is another file.
    async fn system_identifier(&self) -> Result<String> {
        let file = fs::metadata(&self.file).map_err(unavailable)?;
        Ok(format!("sqlite:{}:{}", file.dev(), file.ino()))
    }

    /// `VACUUM INTO` copies one snapshot, whatever is written meanwhile.
    async fn copy_to(&self, file: &Path) -> Result<()> {
        let statement =
            Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [file.display().to_string().into()]);
        self.reader.execute_raw(statement).await?;
        Ok(())
    }

    async fn close(&self) -> Result<(), DbErr> {
        self.writer.close_by_ref().await?;
        self.reader.close_by_ref().await
    }
}

impl SqliteEngine {
    /// Whose turn it is to migrate: one process after the other, for as long as each lives. `seen` counts how often it was
    /// logged that somebody else had the turn.
    async fn wait_for_turn(&self, report_interval: Duration, seen: watch::Sender<u64>) -> Result<SessionLock> {
        let mut polls = tokio::time::interval(POLL_INTERVAL);
        let mut reports = tokio::time::interval(report_interval);
        reports.tick().await;
        loop {
            tokio::select! {
                _ = polls.tick() => {
                    if let Some(lock) = self.try_session_lock("migrations").await? {
                        return Ok(lock);
                    }
                }
                _ = reports.tick() => {
                    let file = self.file.display();
                    tracing::warn!(%file, "waits until another process has migrated the database");
                    seen.send_modify(|sightings| *sightings += 1);
                }
            }
        }
    }

    /// A file beside the database.
    fn lock_file(&self, name: &str) -> Result<File> {
        File::create(self.file.with_extension(format!("{name}.lock"))).map_err(unavailable)
    }
}

fn unavailable(error: io::Error) -> DatabaseError {
    DatabaseError::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error.into()))))
}

#[cfg(test)]
mod tests {

    use super::*;

    #[tokio::test]
    async fn a_turn_is_waited_for_while_the_one_before_lives_and_comes_when_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database.sqlite");
        let (here, elsewhere) = (open(&file).await, open(&file).await);
        let before = elsewhere.wait_for_turn(REPORT_INTERVAL, watch::Sender::new(0)).await.unwrap();
        let seen = watch::Sender::new(0);
        let mut sightings = seen.subscribe();

        let next = here.wait_for_turn(Duration::from_millis(10), seen);
        let end = async {
            sightings.wait_for(|sightings| *sightings >= 5).await.unwrap();
            drop(before);
        };
        let (next, ()) = tokio::join!(next, end);

        next.unwrap();
    }

    async fn open(file: &Path) -> SqliteEngine {
        let (writer, reader) = (pool(file, 1).await.unwrap(), pool(file, 1).await.unwrap());
        SqliteEngine { file: file.to_owned(), reader, writer }
    }
}
