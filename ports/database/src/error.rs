//! What can go wrong with a database, sorted by who acts on it.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr};
use sqlx::error::DatabaseError as Refusal;

use crate::postgres;

/// A query or a transaction failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DatabaseError {
    /// The database is away, busy for too long, its disk is full, or another transaction was faster to change the same: it
    /// may succeed later.
    #[error("the database is unavailable: {}", reason(.0))]
    Unavailable(DbErr),
    /// A row like this one stands there already.
    #[error("a unique value of {table} is taken: {}", reason(.refusal))]
    Taken {
        /// Where it stands. A transaction that writes to several tables learns which of them was taken; the two databases
        /// name constraints differently, so none is named.
        table: String,
        /// As the database said it.
        refusal: DbErr,
    },
    /// The schema was made by a newer version of this program.
    #[error("the database has a newer schema than this program knows: {0}")]
    NewerSchema(String),
    /// The schema was made by an older version of this program.
    #[error(
        "the database has an older schema than this program needs: start the server, or run: lezzetlimani migrate ({0})"
    )]
    OlderSchema(String),
    /// A copy stands where the log of the database that was there before is still kept. SQLite would write that over it.
    #[error(
        "{0}-wal was left by another database that stood there and was killed: it would be written over this one. If this one is a \
         copy that was put into its place, remove {0}-wal and {0}-shm and start again"
    )]
    ForeignLog(String),
    /// Databases of this kind have a tool of their own for it.
    #[error("{0}")]
    Unsupported(String),
    /// Anything else is a fault of ours.
    #[error("the database refused: {}", reason(.0))]
    Unexpected(DbErr),
}

/// The result of everything that asks the database. The error can be named, as macros of the mapper do.
pub type Result<T, E = DatabaseError> = std::result::Result<T, E>;

/// Primary result codes of SQLite that tell of its surroundings, not of our statement (<https://sqlite.org/rescode.html>):
/// busy, locked, read-only, I/O error, full, can't open, not a database.
const SQLITE_SURROUNDINGS: [u32; 7] = [SQLITE_BUSY, 6, 8, 10, 13, 14, 26];
const SQLITE_BUSY: u32 = 5;

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(message)) = error.sql_err() {
            Self::Taken { table: table_of(&error, &message), refusal: error }
        } else if is_surroundings(&error) {
            Self::Unavailable(error)
        } else {
            Self::Unexpected(error)
        }
    }
}

impl DatabaseError {
    /// Whether a row like the one that was to be written stands in `table` already.
    #[must_use]
    pub fn is_taken(&self, table: &str) -> bool {
        matches!(self, Self::Taken { table: taken, .. } if taken == table)
    }

    /// Whether another transaction was faster to change the same: the same has every chance right away, for that one has ended.
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        matches!(self, Self::Unavailable(error) if postgres::is_overtaken(error))
    }

    /// Whether others kept for too long what was waited for: a lock, or on SQLite, where one writes at a time, the whole database.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Unavailable(error) if postgres::is_locked(error) || is_busy(error))
    }
}

/// What happened, without the mapper's and the driver's words for where they noticed it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of the libraries are open lists, and have texts of their own"
)]
fn reason(error: &DbErr) -> String {
    match error {
        DbErr::Custom(reason) => reason.clone(),
        DbErr::Conn(source) | DbErr::Exec(source) | DbErr::Query(source) => match source {
            RuntimeErr::SqlxError(source) => match source.as_ref() {
                sqlx::Error::Database(refusal) => refusal.message().to_owned(),
                other => other.to_string(),
            },
            RuntimeErr::Internal(reason) => reason.clone(),
        },
        other => other.to_string(),
    }
}

/// Postgres names the table beside the message; SQLite in it: `UNIQUE constraint failed: auth_account.email`.
fn table_of(error: &DbErr, message: &str) -> String {
    let named = if let DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source)) = error
    {
        source.as_database_error().and_then(|refusal| refusal.table().map(ToOwned::to_owned))
    } else {
        None
    };
    let within = || message.rsplit_once(": ").and_then(|(_, columns)| columns.split_once('.')).map(|(table, _)| table);
    named.or_else(|| within().map(ToOwned::to_owned)).unwrap_or_default()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the errors of the libraries are open lists; what is not of the surroundings is ours"
)]
fn is_surroundings(error: &DbErr) -> bool {
    use sqlx::Error as Sqlx;
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source)) => {
            match source.as_ref() {
                Sqlx::Io(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => true,
                Sqlx::Database(refusal) => match refusal.try_downcast_ref() {
                    Some(refusal) => postgres::is_surroundings(refusal),
                    None => sqlite_code(refusal.as_ref()).is_some_and(|code| SQLITE_SURROUNDINGS.contains(&code)),
                },
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether another writer kept SQLite's database: one of this process, or of another one.
#[expect(clippy::wildcard_enum_match_arm, reason = "the errors of the libraries are open lists")]
fn is_busy(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(source))
        | DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => {
            source.as_database_error().and_then(sqlite_code) == Some(SQLITE_BUSY)
        }
        _ => false,
    }
}

/// Extended codes carry the primary one in their low byte.
fn sqlite_code(refusal: &dyn Refusal) -> Option<u32> {
    refusal.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_happened_is_reported_in_words_of_ours_and_once() {
        let conn = |source| DatabaseError::from(DbErr::Conn(source));
        let timed_out = RuntimeErr::SqlxError(Arc::new(sqlx::Error::PoolTimedOut));
        let cases = [
            (conn(RuntimeErr::Internal("no connection in time".to_owned())), "no connection in time".to_owned()),
            (conn(timed_out), sqlx::Error::PoolTimedOut.to_string()),
            (
                DatabaseError::Unavailable(DbErr::Custom("Postgres, db:5432: refused".to_owned())),
                "Postgres, db:5432: refused".to_owned(),
            ),
        ];

        for (error, reason) in cases {
            assert_eq!(error.to_string(), format!("the database is unavailable: {reason}"));
            assert!(error.source().is_none(), "a log that adds causes would say it twice");
        }
    }
}
