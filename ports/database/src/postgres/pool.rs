//! Pools of connections, and what becomes of those that died while they lay idle.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::{Connection, Error as Sqlx, query};

use super::connect::{PATIENCE, options, patient_options};
use super::{Postgres, lock_number};

/// A connection that lay idle for longer is asked whether it lives before it is used.
const TRUSTED: Duration = Duration::from_secs(1);
/// How long a process may wait for another one's migrations.
const MIGRATIONS: Duration = Duration::from_secs(60);

/// When a connection was last found dead. The others that lie idle since then have probably died with it.
#[derive(Clone, Default)]
pub(super) struct Losses(Arc<Mutex<Option<Instant>>>);

impl Losses {
    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn suspects(&self, idle: Duration) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle >= TRUSTED || last.is_some_and(|last| idle >= last.elapsed())
    }
}

/// The pool for requests and events; it connects when it is asked.
pub(super) fn open(address: &Postgres, losses: &Losses) -> DatabaseConnection {
    let losses = losses.clone();
    let pool = PgPoolOptions::new()
        .max_connections(address.pool_size.get())
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            let suspected = losses.suspects(meta.idle_for);
            Box::pin(async move { Ok(!suspected || is_alive(connection).await) })
        });
    pool.connect_lazy_with(options(address)).into()
}

async fn is_alive(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(PATIENCE / 2, connection.ping()).await, Ok(Ok(())))
}

/// One connection that has waited until no other process migrates the database. If it is lost, so is its lock, and the
/// next one waits anew.
pub(super) async fn for_migrations(address: &Postgres) -> Result<DatabaseConnection, DbErr> {
    let number = lock_number("session", "migrations");
    let pool =
        PgPoolOptions::new().max_connections(1).acquire_timeout(MIGRATIONS).after_connect(move |connection, _| {
            Box::pin(async move {
                query("SELECT pg_advisory_lock($1)").bind(number).execute(connection).await?;
                Ok(())
            })
        });
    let connected = pool.connect_with(patient_options(address)).await;
    Ok(connected.map_err(|error: Sqlx| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))?.into())
}
