//! SQLite: one writer, several readers, every commit on disk before it is answered.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::Result;

/// How long a statement waits for another process's write, and a request for a connection. Longer, and a request would
/// rather hear that the database is busy.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens `file`, for readers and for the writer.
///
/// SQLite lets one connection write at a time. A pool of one makes writers of this process queue fairly, where several
/// would poll the file's lock.
pub(crate) async fn connect(file: &Path) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let writer = sea_orm::Database::connect(options(file, 1)).await?;
    let reader = sea_orm::Database::connect(options(file, 4)).await?;
    Ok((reader, writer))
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

/// `VACUUM INTO` copies one snapshot, whatever is written meanwhile.
pub(crate) async fn copy(connection: &DatabaseConnection, file: &Path) -> Result<()> {
    let statement =
        Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [file.display().to_string().into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}
