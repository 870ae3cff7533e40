//! How one connection is made, and why one can't be.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{Connection, Error as Sqlx, query_scalar};
use tokio::time::timeout;

use super::{Postgres, SslMode, errors};
use crate::{DatabaseError, Result};

/// How long a connection, a lock and everything else that a request waits for may take.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// A lock is waited for a little shorter than a statement may take, whose end would come first and not say that it was a lock.
const LOCK_MARGIN: Duration = Duration::from_millis(100);
/// What no update is lost by.
const ISOLATION: &str = "repeatable read";
/// A process that stops in the middle of a transaction holds its locks no longer than this.
const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);

/// A client whose machine is gone is noticed after a quarter of a minute, not after two hours.
const SETTINGS: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "2"),
    ("client_min_messages", "warning"),
];

/// Connects once and says in one line why that can't be.
///
/// What stands between may swallow the settings of a connection; without their isolation updates would be lost in silence.
pub(super) async fn check(address: &Postgres) -> Result<()> {
    let mut connection = open(address, &options(address)).await?;
    let shown = query_scalar("SHOW default_transaction_isolation").fetch_one(&mut connection);
    let isolation: String = answer(address, shown).await?;
    close(connection).await;
    if isolation == ISOLATION {
        return Ok(());
    }
    let reason = format!(
        "the settings of a connection don't arrive (default_transaction_isolation is {isolation}); PgBouncer must not \
         ignore the startup parameter options"
    );
    Err(DatabaseError::Unexpected(line(address, &reason)))
}

pub(super) async fn open(address: &Postgres, options: &PgConnectOptions) -> Result<PgConnection> {
    answer(address, PgConnection::connect_with(options)).await
}

/// In order, so that the server does not log a client that went away; it forgets one that just goes away, too.
pub(super) async fn close(connection: PgConnection) {
    if let Ok(Err(error)) = timeout(ANSWER_TIMEOUT, connection.close()).await {
        tracing::debug!(%error, "a connection could not be closed in order");
    }
}

/// What was asked outside of the pool, within the time that a request has.
pub(super) async fn answer<T>(address: &Postgres, asked: impl Future<Output = Result<T, Sqlx>>) -> Result<T> {
    match timeout(ANSWER_TIMEOUT, asked).await {
        Ok(answered) => answered.map_err(|error| refusal(address, &error)),
        Err(_) => Err(DatabaseError::Unavailable(line(address, "no answer within two seconds"))),
    }
}

/// What may pass by itself is worth another try; a wrong password, name or certificate is not.
fn refusal(address: &Postgres, error: &Sqlx) -> DatabaseError {
    let line = line(address, &reason(error));
    if errors::may_pass(error) { DatabaseError::Unavailable(line) } else { DatabaseError::Unexpected(line) }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the errors of the library are an open list")]
fn reason(error: &Sqlx) -> String {
    match error {
        Sqlx::Database(refusal) => refusal.message().to_owned(),
        Sqlx::Io(error) => error.to_string(),
        Sqlx::Tls(error) => format!("TLS: {error}"),
        other => other.to_string(),
    }
}

fn line(address: &Postgres, reason: &str) -> DbErr {
    DbErr::Custom(format!("Postgres, {address}: {reason}"))
}

/// Just below the timeout of the whole statement, so that it is known what took so long; zero would be none at all.
fn lock_timeout(statement_timeout: Duration) -> Duration {
    let longest = ANSWER_TIMEOUT.min(statement_timeout);
    longest.saturating_sub(LOCK_MARGIN.min(longest / 10)).max(Duration::from_millis(1))
}

/// Settings travel with the connection's first message, so they cost no round trip. Statements are prepared once for each
/// connection.
pub(super) fn options(address: &Postgres) -> PgConnectOptions {
    let settings = [
        ("default_transaction_isolation", ISOLATION.to_owned()),
        ("statement_timeout", milliseconds(address.statement_timeout)),
        ("lock_timeout", milliseconds(lock_timeout(address.statement_timeout))),
        ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION_TIMEOUT)),
    ];
    bare_options(address).options(settings)
}

/// For work that no request waits for. A process that hangs in the middle of it keeps its connection open; one that says
/// nothing for a minute loses it, and all that it has locked.
pub(super) fn patient_options(address: &Postgres) -> PgConnectOptions {
    let settings = [
        ("default_transaction_isolation", "read committed"),
        ("idle_in_transaction_session_timeout", "60000"),
        ("idle_session_timeout", "60000"),
    ];
    bare_options(address).options(settings)
}

fn bare_options(address: &Postgres) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host(&address.host)
        .port(address.port)
        .username(&address.user)
        .password(address.password.as_ref().map_or("", |password| password.expose()))
        .database(&address.name)
        .ssl_mode(ssl_mode(address.ssl))
        .application_name("lezzetlimani")
        .options(SETTINGS);
    let options = match &address.ca_file {
        Some(file) => options.ssl_root_cert(file),
        None => options,
    };
    sqlx::ConnectOptions::disable_statement_logging(options)
}

fn ssl_mode(mode: SslMode) -> PgSslMode {
    match mode {
        SslMode::Disable => PgSslMode::Disable,
        SslMode::Prefer => PgSslMode::Prefer,
        SslMode::Require => PgSslMode::Require,
        SslMode::VerifyCa => PgSslMode::VerifyCa,
        SslMode::VerifyFull => PgSslMode::VerifyFull,
    }
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().to_string()
}
