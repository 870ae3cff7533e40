//! When to try again.

use std::time::Duration;

/// How often and how long one consumer tries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RetryPolicy {
    /// Attempts to hear an event before it becomes a dead letter.
    pub(crate) tries: u32,
    /// Between attempts to hear.
    pub(crate) hear: Backoff,
    /// Between attempts to settle.
    pub(crate) settle: Backoff,
    /// Between looks at a database that is away.
    pub(crate) away: Backoff,
}

/// Delays that double from `first` up to `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) cap: Duration,
}

/// A random number from 0 up to, but not including, 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Roll(pub(crate) f64);

impl RetryPolicy {
    /// A key is held for about half an hour by an event that always fails, then an operator has to look at it. What
    /// settling waits for is another store that is away, so it looks more often, and a database more often still.
    pub(crate) const STANDARD: Self = Self {
        tries: 12,
        hear: Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(60 * 60) },
        settle: Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(60) },
        away: Backoff { first: Duration::from_millis(50), cap: Duration::from_secs(2) },
    };
}

impl Backoff {
    /// How long to wait after the `attempt`-th failure, counted from 1: between half and one and a half times the nominal
    /// delay, so that what failed together does not return together.
    pub(crate) fn delay(&self, attempt: u32, roll: Roll) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let nominal = self.first.saturating_mul(1 << doublings).min(self.cap);
        nominal.mul_f64(0.5 + roll.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fault, Next, Stage};

    const MIDDLE: Roll = Roll(0.5);

    #[test]
    fn delays_double_from_the_first_up_to_the_cap() {
        let backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(60) };

        let delays: Vec<u64> = (1..=8).map(|attempt| backoff.delay(attempt, MIDDLE).as_secs()).collect();

        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.delay(u32::MAX, MIDDLE), Duration::from_secs(60));
    }

    #[test]
    fn jitter_moves_a_delay_by_half_in_either_direction() {
        let backoff = Backoff { first: Duration::from_secs(4), cap: Duration::from_secs(60) };

        assert_eq!(backoff.delay(1, Roll(0.0)), Duration::from_secs(2));
        assert_eq!(backoff.delay(1, Roll(0.75)), Duration::from_secs(5));
    }

    #[test]
    fn an_event_that_always_fails_is_given_up_after_half_an_hour() {
        let policy = RetryPolicy::STANDARD;
        let mut held = Duration::ZERO;
        let mut attempts = 1;

        while let Next::Park(backoff) = policy.next(Stage::Hear, Err(Fault::Failed), attempts) {
            held += backoff.delay(attempts, MIDDLE);
            attempts += 1;
        }

        assert_eq!((attempts, held), (12, Duration::from_secs(2047)));
    }
}
