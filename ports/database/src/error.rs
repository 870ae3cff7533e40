//! What can go wrong with a database, sorted by who acts on it.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::postgres;

/// A query or a transaction failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DatabaseError {
    /// The database is away, busy for too long, its disk is full, or another transaction was faster to change the same: it
    /// may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] DbErr),
    /// A row like this one stands there already.
    #[error("a unique value is taken: {0}")]
    Taken(#[source] DbErr),
    /// The schema was made by a newer version of this program.
    #[error("the database has a newer schema than this program knows: {0}")]
    NewerSchema(String),
    /// The schema was made by an older version of this program.
    #[error(
        "the database has an older schema than this program needs: start the server, or run: lezzetlimani migrate ({0})"
    )]
    OlderSchema(String),
    /// Anything else is a fault of ours.
    #[error("the database refused: {0}")]
    Unexpected(#[source] DbErr),
}

/// The result of everything that asks the database. The error can be named, as macros of the mapper do.
pub type Result<T, E = DatabaseError> = std::result::Result<T, E>;

/// Primary result codes of SQLite that tell of its surroundings, not of our statement (<https://sqlite.org/rescode.html>):
/// busy, locked, read-only, I/O error, full, can't open, not a database.
const SQLITE_SURROUNDINGS: [u32; 7] = [5, 6, 8, 10, 13, 14, 26];

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            Self::Taken(error)
        } else if is_surroundings(&error) {
            Self::Unavailable(error)
        } else {
            Self::Unexpected(error)
        }
    }
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
                    // Extended codes carry the primary one in their low byte.
                    None => refusal
                        .code()
                        .and_then(|code| code.parse::<u32>().ok())
                        .is_some_and(|code| SQLITE_SURROUNDINGS.contains(&(code & 0xff))),
                },
                _ => false,
            }
        }
        _ => false,
    }
}
