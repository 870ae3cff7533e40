//! SQLite: one writer, several readers, every commit on disk before it is answered.
//!
//! Writers happen one after another whatever they touch, so turns need nothing more.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::engine::{Engine, Opened};
use crate::{DatabaseError, Result, SessionLock};

/// How long a statement waits for another process's write, and a request for a connection. Longer, and a request would
/// rather hear that the database is busy.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens `file`, for readers and for the writer.
///
/// SQLite lets one connection write at a time. A pool of one makes writers of this process queue fairly, where several
/// would poll the file's lock.
pub(crate) async fn connect(file: &Path) -> Result<Opened> {
    let writer = sea_orm::Database::connect(options(file, 1)).await?;
    let reader = sea_orm::Database::connect(options(file, 4)).await?;
    let engine = SqliteEngine { file: file.to_owned(), reader: reader.clone(), writer: writer.clone() };
    Ok(Opened { reader, writer, engine: Box::new(engine) })
}

fn options(file: &Path, connections: u32) -> ConnectOptions {
    let path = file.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    options.min_connections(1).max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .in_memory(false)
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
    });
    options
}

struct SqliteEngine {
    file: PathBuf,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

#[async_trait]
impl Engine for SqliteEngine {
    /// Nobody but us closes a file.
    fn is_lost(&self, _: &DbErr) -> bool {
        false
    }

    async fn relax(&self, _: &DatabaseTransaction) -> Result<(), DbErr> {
        Ok(())
    }

    async fn take_turns(&self, _: &DatabaseTransaction, _: &[String]) -> Result<(), DbErr> {
        Ok(())
    }

    async fn migrator(&self) -> Result<(DatabaseConnection, Option<SessionLock>)> {
        let file = self.lock_file("migrations")?;
        let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
        let file = locked.map_err(io::Error::other).and_then(|locked| locked).map_err(unavailable)?;
        Ok((self.writer.clone(), Some(SessionLock::of_file(file))))
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
}

impl SqliteEngine {
    /// A file beside the database.
    fn lock_file(&self, name: &str) -> Result<File> {
        File::create(self.file.with_extension(format!("{name}.lock"))).map_err(unavailable)
    }
}

fn unavailable(error: io::Error) -> DatabaseError {
    DatabaseError::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error.into()))))
}
