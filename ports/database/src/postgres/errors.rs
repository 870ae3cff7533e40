//! What an error of Postgres says about the server, about the connection, or about us.

use std::io;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::Error as Sqlx;
use sqlx::error::DatabaseError as Refusal;
use sqlx::postgres::PgDatabaseError;

/// Codes of the surroundings (<https://www.postgresql.org/docs/current/errcodes-appendix.html>): another transaction was
/// first, a lock or a statement took too long, the server is read-only, ends us, or can't read its disk.
const SURROUNDINGS: [&str; 12] =
    ["40001", "40P01", "55P03", "57014", "25006", "25P03", "57P01", "57P02", "57P03", "57P04", "57P05", "58030"];
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Another transaction was first: a snapshot is too old, or the other one of a deadlock goes on.
const OVERTAKEN: [&str; 2] = ["40001", "40P01"];
/// Their classes: the connection broke, and resources such as connections, memory or disk are exhausted.
const SURROUNDING_CLASSES: [&str; 2] = ["08", "53"];
/// The server ended the connection, is not up yet, or takes no writes any more: behind one address another server may.
const LOST: [&str; 6] = ["25P03", "25006", "57P01", "57P02", "57P03", "57P05"];

/// Whether the same may succeed later.
pub(crate) fn is_surroundings(refusal: &PgDatabaseError) -> bool {
    let code = refusal.code();
    SURROUNDINGS.contains(&code) || SURROUNDING_CLASSES.iter().any(|class| code.starts_with(class))
}

/// Whether the connection was gone, so that what has done nothing yet may be tried on another one. One that did not answer
/// in time has cost its caller all the time there is.
pub(super) fn is_lost(error: &DbErr) -> bool {
    let is_silent = |source: &Sqlx| matches!(source, Sqlx::Io(error) if error.kind() == io::ErrorKind::TimedOut);
    statement_error(error).is_some_and(|source| !is_silent(source) && ends_connection(source))
}

/// Whether others kept a lock for too long.
pub(crate) fn is_locked(error: &DbErr) -> bool {
    statement_error(error).is_some_and(is_lock_timeout)
}

/// Whether another transaction was faster to change the same, and has ended.
pub(crate) fn is_overtaken(error: &DbErr) -> bool {
    statement_error(error).is_some_and(|error| has_code(error, &OVERTAKEN))
}

/// The first of the two, as the library says it.
pub(super) fn is_lock_timeout(error: &Sqlx) -> bool {
    has_code(error, &[LOCK_NOT_AVAILABLE])
}

fn has_code(error: &Sqlx, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(Refusal::code);
    code.is_some_and(|code| codes.contains(&code.as_ref()))
}

/// What the library says of a statement.
#[expect(clippy::wildcard_enum_match_arm, reason = "the errors of the libraries are open lists")]
fn statement_error(error: &DbErr) -> Option<&Sqlx> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source)) => Some(source),
        _ => None,
    }
}

/// Whether a connection that met this error is never to be used again.
#[expect(clippy::wildcard_enum_match_arm, reason = "the errors of the library are an open list")]
pub(super) fn ends_connection(error: &Sqlx) -> bool {
    match error {
        Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::Protocol(_) | Sqlx::WorkerCrashed => true,
        Sqlx::Database(refusal) => {
            refusal.code().is_some_and(|code| LOST.contains(&code.as_ref()) || code.starts_with("08"))
        }
        _ => false,
    }
}

/// Whether another try to connect may succeed.
#[expect(clippy::wildcard_enum_match_arm, reason = "the errors of the library are an open list")]
pub(super) fn may_pass(error: &Sqlx) -> bool {
    match error {
        // A certificate that we can't trust is reported as invalid data.
        Sqlx::Io(error) => error.kind() != io::ErrorKind::InvalidData,
        Sqlx::Database(refusal) => refusal.try_downcast_ref().is_some_and(is_surroundings),
        _ => false,
    }
}
