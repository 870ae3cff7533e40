//! How long anything may take before a promise counts as broken.

use std::time::Duration;

/// The limits of a run. What is promised is promised on a machine that has the time for it; on one that is shared, a run
/// can be told how much slower it may be, and then judges what is lost, doubled or out of order all the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    slowness: u32,
}

impl Limits {
    /// Those of a machine that is `slowness` times slower than what was promised.
    pub(crate) const fn new(slowness: u32) -> Self {
        Self { slowness }
    }

    /// How soon everything has to flow again after a fault.
    pub(crate) const fn recovery(self) -> Duration {
        self.seconds(10)
    }

    /// After which it is given up that anything flows again.
    pub(crate) const fn flow(self) -> Duration {
        self.seconds(60)
    }

    /// How long what was acknowledged before the end of a fault may take once events flow again.
    pub(crate) const fn catch_up(self) -> Duration {
        self.seconds(30)
    }

    /// How soon every process has to know that a session ended; during an outage it may not.
    pub(crate) const fn spread(self) -> Duration {
        self.seconds(5)
    }

    /// How long a process that was asked to stop may take to end.
    pub(crate) const fn stop(self) -> Duration {
        self.seconds(5)
    }

    /// How long another process may take to notice that it is its turn.
    pub(crate) const fn take_over(self) -> Duration {
        self.seconds(10)
    }

    const fn seconds(self, promised: u64) -> Duration {
        Duration::from_secs(promised * self.slowness as u64)
    }
}
