//! The pool of connections, and what becomes of those that died or fell silent.
//!
//! sqlx' own pool asks a connection that comes back whether it lives, without a limit, and keeps its place until the answer:
//! connections that fall silent, as after a failover, would take all places for good.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{Manager, Metrics, Pool as Objects, PoolError, RecycleError, RecycleResult};
use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error as Sqlx};
use tokio::time::timeout;

use super::Postgres;
use super::connect::{ANSWER_TIMEOUT, options};
use super::lease::Lease;

/// How long a connection may take to show that it lives, or to take back what its last user left open.
pub(super) const CHECK_TIMEOUT: Duration = Duration::from_secs(1);
/// How much longer than the server a client waits for a statement that takes too long, so that the server's own word about
/// it arrives.
const ANSWER_MARGIN: Duration = Duration::from_millis(250);
/// A connection that was used less long ago is not checked again.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// When a connection was last found gone or silent. What was connected before has probably gone with it.
#[derive(Clone, Default)]
pub(super) struct Losses(Arc<Mutex<Option<Instant>>>);

impl Losses {
    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn came_since(&self, last_used: Duration) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last_used >= last.elapsed())
    }
}

/// The pool for requests and events; it connects when it is asked.
pub(super) struct Pool {
    objects: Objects<Connector>,
    losses: Losses,
    limit: Duration,
}

impl Pool {
    pub(super) fn new(address: &Postgres) -> Self {
        let losses = Losses::default();
        let connector = Connector { options: options(address), losses: losses.clone() };
        let size = NonZeroU32::get(address.pool_size) as usize;
        let objects =
            Objects::builder(connector).max_size(size).build().expect("a pool without time limits can be built");
        Self { objects, losses, limit: address.statement_timeout + ANSWER_MARGIN }
    }

    /// A connection that nobody else uses meanwhile.
    pub(super) async fn lease(&self) -> Result<Lease, DbErr> {
        match timeout(ANSWER_TIMEOUT, self.objects.get()).await {
            Ok(Ok(connection)) => Ok(Lease::new(connection, self.limit, self.losses.clone())),
            Ok(Err(error)) => Err(refused(error)),
            Err(_) => Err(unavailable("no connection to Postgres within two seconds")),
        }
    }

    /// In order, so that the server does not log clients that went away; those that are silent are dropped.
    pub(super) async fn close(&self) {
        let idle = self.objects.retain(|_, _| false).removed;
        self.objects.close();
        let closing = async {
            for connection in idle {
                if let Err(error) = connection.close().await {
                    tracing::debug!(%error, "a connection could not be closed in order");
                }
            }
        };
        if timeout(CHECK_TIMEOUT, closing).await.is_err() {
            tracing::debug!("connections were dropped that could not be closed in time");
        }
    }
}

fn refused(error: PoolError<Sqlx>) -> DbErr {
    match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
        error @ (PoolError::Timeout(_)
        | PoolError::Closed
        | PoolError::NoRuntimeSpecified
        | PoolError::PostCreateHook(_)) => unavailable(&error.to_string()),
    }
}

fn unavailable(reason: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(reason.to_owned()))
}

/// Makes connections, and checks one before it is used again.
pub(super) struct Connector {
    options: PgConnectOptions,
    losses: Losses,
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = Sqlx;

    async fn create(&self) -> Result<PgConnection, Sqlx> {
        PgConnection::connect_with(&self.options).await
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<Sqlx> {
        let last_used = metrics.last_used();
        if self.losses.came_since(last_used) {
            return Err(RecycleError::message("others that were connected then are gone"));
        }
        if last_used < CHECK_INTERVAL {
            return Ok(());
        }
        match timeout(CHECK_TIMEOUT, connection.ping()).await {
            Ok(Ok(())) => Ok(()),
            gone => {
                self.losses.note();
                gone.map_or_else(|_| Err(RecycleError::message("it is silent")), |error| Ok(error?))
            }
        }
    }
}
