//! What fails again and again is logged when it begins and when it ends: an outage of an hour must not fill the log.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something failed the last time.
#[derive(Debug, Default)]
pub struct FailureStreak(AtomicBool);

impl FailureStreak {
    /// It failed; says whether it did not the time before.
    pub fn begins(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// It succeeded; says whether it did not the time before.
    pub fn ends(&self) -> bool {
        // Read first: it mostly succeeds, on many threads at once.
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Relaxed)
    }
}
