//! When to try again.

use std::time::Duration;

use clock::Backoff;

/// How often and how long one consumer tries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RetryPolicy {
    /// Attempts to hear an event before it becomes a dead letter.
    pub(crate) tries: u32,
    /// Between attempts to hear.
    pub(crate) hear: Backoff,
    /// Between attempts of what follows the commit.
    pub(crate) after_commit: Backoff,
    /// Between probes of a database that is away.
    pub(crate) away: Backoff,
}

impl RetryPolicy {
    /// A key is held for about half an hour by an event that always fails, then an operator has to act. What follows the
    /// commit waits for another store that is away, so it is tried more often, and a database more often still.
    pub(crate) const STANDARD: Self = Self {
        tries: 12,
        hear: Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60 * 60) },
        after_commit: Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) },
        away: Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(2) },
    };

    /// Nothing waits longer for its next attempt.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.hear.pause(u32::MAX, 1.0).max(self.after_commit.pause(u32::MAX, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fault, Next, Stage, Tried};

    #[test]
    fn an_event_that_always_fails_is_given_up_after_half_an_hour() {
        let policy = RetryPolicy::STANDARD;
        let mut held = Duration::ZERO;
        let mut attempts = 1;

        while let Next::Park(backoff) = policy.next(Stage::Hear, Err(Fault::Failed), Tried { attempts, refusals: 0 }) {
            held += backoff.nominal(attempts);
            attempts += 1;
        }

        assert_eq!((attempts, held), (12, Duration::from_secs(2047)));
    }
}
