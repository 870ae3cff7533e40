//! How long to wait before the next try of something that failed.

use std::time::Duration;

/// Pauses that double from the first to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure.
    pub first: Duration,
    /// No pause is longer, but for its jitter.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after so many `failures` in a row, which are one or more.
    #[must_use]
    pub fn nominal(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    /// The same, spread over half to one and a half of its length by `jitter`, which is from 0 up to 1: what failed together
    /// does not come back together then.
    #[must_use]
    pub fn pause(&self, failures: u32, jitter: f64) -> Duration {
        self.nominal(failures).mul_f64(0.5 + jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

    #[test]
    fn pauses_double_from_the_first_up_to_the_longest() {
        let pauses = [1, 2, 3, 4, 5, 6, 7, 8, 32, 33, u32::MAX].map(|failures| BACKOFF.nominal(failures).as_secs());

        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn jitter_moves_a_pause_by_half_in_either_direction() {
        let pauses = [0.0, 0.5, 0.75].map(|jitter| BACKOFF.pause(3, jitter).as_secs());

        assert_eq!(pauses, [2, 4, 5]);
    }
}
