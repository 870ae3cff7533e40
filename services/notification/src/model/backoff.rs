//! How long to wait before the next try of something that failed.

use std::time::Duration;

/// Pauses that double from the first to the longest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    /// The pause after `failures` earlier ones. `jitter`, from 0 up to 1, spreads it over half to one and a half of its
    /// length, so that what failed together does not come back together.
    pub(crate) fn pause(&self, failures: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(0.5 + jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff { first: Duration::from_secs(10), longest: Duration::from_secs(60) };

        let pauses = [0, 1, 2, 3, 31, 32, u32::MAX].map(|failures| backoff.pause(failures, 0.5).as_secs());

        assert_eq!(pauses, [10, 20, 40, 60, 60, 60, 60]);
        assert_eq!(backoff.pause(0, 0.0), Duration::from_secs(5));
    }
}
