//! Pauses by real time, not by the clock of the platform: they wait for what other processes and machines do, whatever that
//! clock says, and decide nothing.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Returns after `duration`.
pub(crate) async fn pause(duration: Duration) {
    sleep_until(Instant::now() + duration).await;
}
