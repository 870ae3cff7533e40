//! The lock of what a process keeps for itself beside a database that others may share.
//!
//! It is confirmed from the moment that it is taken, whatever the process does meanwhile, until everything is let go of.

use std::time::Duration;

use clock::Sources;
use database::SessionLock;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the lock is confirmed; the server ends it after five seconds without that.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// For how long a database that is away or stands still leaves the lock unconfirmed until it counts as lost.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(15);

/// The lock, confirmed by a task of its own.
pub(super) struct EmbeddedStateLock {
    heartbeat: JoinSet<()>,
    lost: CancellationToken,
}

impl EmbeddedStateLock {
    pub(super) fn keep(lock: SessionLock, sources: &Sources) -> Self {
        let lost = CancellationToken::new();
        let (sources, ended) = (sources.clone(), lost.clone().drop_guard());
        let mut heartbeat = JoinSet::new();
        heartbeat.spawn(async move {
            let _ended = ended;
            confirm(lock, sources).await;
        });
        Self { heartbeat, lost }
    }

    /// Ends when the lock is lost, which ends the process: another one may have it by then.
    pub(super) fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }

    /// Lets another process have it.
    pub(super) async fn release(mut self) {
        self.heartbeat.shutdown().await;
    }
}

/// Returns when the lock is lost.
async fn confirm(mut lock: SessionLock, sources: Sources) {
    let mut confirmed = Instant::now();
    let mut is_confirmed = true;
    loop {
        sources.sleep(HEARTBEAT_INTERVAL).await;
        match lock.renew().await {
            Ok(true) => {
                if !is_confirmed {
                    tracing::info!("the lock of the embedded state is confirmed again");
                }
                (confirmed, is_confirmed) = (Instant::now(), true);
            }
            Ok(false) => {
                tracing::error!("the lock of the embedded state was lost: another process has it");
                return;
            }
            Err(error) if confirmed.elapsed() < CONFIRMATION_TIMEOUT => {
                is_confirmed = false;
                tracing::warn!(%error, "the lock of the embedded state can't be confirmed");
            }
            Err(error) => {
                tracing::error!(%error, "the lock of the embedded state was lost with its connection to the database");
                return;
            }
        }
    }
}
