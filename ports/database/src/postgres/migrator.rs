//! Whose turn it is to migrate, among all processes on one database.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::{Error as Sqlx, query, query_scalar};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::connect::patient_options;
use super::session::HOLDER;
use super::{Postgres, errors, lock_number};

/// How long a process waits that can't see whether the one before it lives.
const TURN_TIMEOUT: Duration = Duration::from_secs(60);
/// The library wants a limit; [`TURN_TIMEOUT`] is the one that counts.
const NO_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How often it logs for whom it waits.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);
/// How long a migration waits for a table: others queue behind it meanwhile.
const TABLE_LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// Where somebody is who has a connection.
const WHERE: &str = "SELECT format('%s at %s, connected since %s', application_name, \
    COALESCE(host(client_addr), 'this machine'), backend_start) FROM pg_stat_activity WHERE pid = $1";

/// One connection whose turn it is until it is closed. If it is lost, so is the turn, and the next one waits anew.
///
/// It waits for as long as the process before it lives, which may copy millions of rows.
pub(super) async fn for_migrations(address: &Postgres) -> Result<DatabaseConnection, DbErr> {
    let turn = wait_for_turn(address, REPORT_INTERVAL, watch::Sender::new(0));
    turn.await.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}

/// `seen` counts how often somebody else was seen to have the turn.
async fn wait_for_turn(
    address: &Postgres,
    report_interval: Duration,
    seen: watch::Sender<u64>,
) -> Result<DatabaseConnection, Sqlx> {
    let sightings = seen.subscribe();
    let pool =
        PgPoolOptions::new().max_connections(1).acquire_timeout(NO_TIMEOUT).after_connect(move |connection, _| {
            let seen = seen.clone();
            Box::pin(async move { take_turn(connection, report_interval, &seen).await })
        });
    let timeout = || sleep_until(Instant::now() + TURN_TIMEOUT);
    Ok(while_seen(pool.connect_with(patient_options(address)), sightings, timeout).await?.into())
}

/// Returns when nobody else has the turn.
async fn take_turn(
    connection: &mut PgConnection,
    report_interval: Duration,
    seen: &watch::Sender<u64>,
) -> Result<(), Sqlx> {
    let number = lock_number("session", "migrations");
    set_lock_timeout(connection, report_interval).await?;
    while let Err(error) = query("SELECT pg_advisory_lock($1)").bind(number).execute(&mut *connection).await {
        if !errors::is_lock_timeout(&error) {
            return Err(error);
        }
        let holder = query_scalar(HOLDER).bind(number).fetch_optional(&mut *connection).await?;
        let Some(holder): Option<i32> = holder else { continue };
        let place: Option<String> = query_scalar(WHERE).bind(holder).fetch_optional(&mut *connection).await?;
        let place = place.unwrap_or_default();
        tracing::warn!(server_process = holder, place, "waits until another process has migrated the database");
        seen.send_modify(|sightings| *sightings += 1);
    }
    set_lock_timeout(connection, TABLE_LOCK_TIMEOUT).await
}

async fn set_lock_timeout(connection: &mut PgConnection, timeout: Duration) -> Result<(), Sqlx> {
    let set = query("SELECT set_config('lock_timeout', $1, false)").bind(timeout.as_millis().to_string());
    set.execute(connection).await?;
    Ok(())
}

/// Waits for `turn`, and gives up where `timeout` ends and nobody was seen meanwhile.
async fn while_seen<T, F: Future<Output = ()>>(
    turn: impl Future<Output = Result<T, Sqlx>>,
    mut sightings: watch::Receiver<u64>,
    timeout: impl Fn() -> F,
) -> Result<T, Sqlx> {
    let mut turn = pin!(turn);
    loop {
        tokio::select! {
            biased;
            taken = &mut turn => return taken,
            Ok(()) = sightings.changed() => (),
            () = timeout() => return Err(Sqlx::PoolTimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, poll_fn, ready};
    use std::task::Poll;

    use testkit::servers::postgres::fresh_database;

    use super::*;

    #[tokio::test]
    async fn each_sight_of_the_one_before_starts_the_wait_anew() {
        let (seen, waits) = (watch::Sender::new(0), Cell::new(0));
        let turn = async {
            for _ in 0..100 {
                let mut is_seen = false;
                poll_fn(|_| {
                    if std::mem::replace(&mut is_seen, true) {
                        return Poll::Ready(());
                    }
                    seen.send_modify(|sightings| *sightings += 1);
                    Poll::Pending
                })
                .await;
            }
            Ok(())
        };
        let timeout = || {
            waits.set(waits.get() + 1);
            pending()
        };

        while_seen(turn, seen.subscribe(), timeout).await.unwrap();

        assert_eq!(waits.get(), 101);
    }

    #[tokio::test]
    async fn who_sees_nobody_gives_up() {
        let seen = watch::Sender::new(0);

        let turn = while_seen(pending::<Result<(), Sqlx>>(), seen.subscribe(), || ready(())).await;

        assert!(matches!(turn, Err(Sqlx::PoolTimedOut)), "{turn:?}");
    }

    #[tokio::test]
    async fn a_turn_is_waited_for_while_the_one_before_lives_and_comes_when_that_is_gone() {
        let Some(place) = fresh_database("empty", async |_| ()).await else { return };
        let address = Postgres::local(place.port(), "postgres", place.name());
        let before = for_migrations(&address).await.unwrap();
        let seen = watch::Sender::new(0);
        let mut sightings = seen.subscribe();

        let next = wait_for_turn(&address, Duration::from_millis(10), seen);
        let end = async {
            sightings.wait_for(|sightings| *sightings >= 5).await.unwrap();
            place
                .execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                )
                .await;
        };
        let (next, ()) = tokio::join!(next, end);

        let settings = "SELECT name || '=' || setting AS set FROM pg_settings WHERE name IN \
                        ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'lock_timeout') ORDER BY name";
        let settings = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, settings);
        let settings = sea_orm::ConnectionTrait::query_all_raw(&next.unwrap(), settings).await.unwrap();
        let settings: Vec<String> = settings.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(
            settings,
            ["idle_in_transaction_session_timeout=60000", "idle_session_timeout=60000", "lock_timeout=5000"],
            "one that hangs loses its turn"
        );
        drop(before);
    }
}
