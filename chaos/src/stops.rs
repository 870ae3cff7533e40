//! Processes that are asked to stop: they end in order and soon, and leave nobody without an answer.

use std::time::Duration;

use anyhow::Result;
use clock::Sources;
use testkit::Server;

use crate::ledger::Ledger;

/// How long each process took to end.
#[derive(Debug, Default)]
pub(crate) struct Stops(Vec<Duration>);

impl Stops {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// What no more than one in a hundred took longer than.
    pub(crate) fn slow(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get((sorted.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

/// Asks `server` to stop, and complains if it does not end in order or takes longer than `limit`.
pub(crate) async fn stop(server: &mut Server, limit: Duration, ledger: &Ledger) -> Result<()> {
    let sources = Sources::system();
    let asked = sources.now();
    let status = server.stop().await?;
    let took = (sources.now() - asked).to_std().unwrap_or_default();
    let mut promises = ledger.promises();
    promises.stops.0.push(took);
    if !status.success() || took > limit {
        promises.broken.push(format!("a process that was asked to stop ended with {status} after {took:.1?}"));
    }
    Ok(())
}
