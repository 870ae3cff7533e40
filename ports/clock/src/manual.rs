//! A clock that stands still until a test moves it.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{Clock, Timestamp};

/// A clock that only its methods move; clones show the same time.
#[derive(Clone)]
pub struct ManualClock {
    time: watch::Sender<ManualTime>,
}

#[derive(Debug, Clone, Copy)]
struct ManualTime {
    now: Timestamp,
    /// What has passed since the start, wherever the clock was set meanwhile.
    passed: Duration,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self { time: watch::Sender::new(ManualTime { now: start, passed: Duration::ZERO }) }
    }

    /// Lets `duration` pass and wakes whoever waited for an instant in it.
    pub fn advance(&self, duration: Duration) {
        self.time.send_modify(|time| {
            time.now += duration;
            time.passed += duration;
        });
    }

    /// Sets the clock back: it shows an earlier time, and none has passed.
    pub fn set_back(&self, duration: Duration) {
        self.time.send_modify(|time| time.now -= duration);
    }

    async fn wait_until(&self, is_so: impl Fn(&ManualTime) -> bool) {
        self.time.subscribe().wait_for(is_so).await.expect("the sender lives in self");
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.time.borrow().now
    }

    async fn sleep_until(&self, instant: Timestamp) {
        self.wait_until(|time| time.now >= instant).await;
    }

    async fn sleep(&self, duration: Duration) {
        let end = self.time.borrow().passed + duration;
        self.wait_until(|time| time.passed >= end).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pause_ends_wherever_the_clock_is_set_and_an_instant_comes_again() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let mut pause = clock.sleep(SECOND);
        let mut instant = clock.sleep_until(Timestamp::UNIX_EPOCH + SECOND);
        assert!((&mut pause).now_or_never().is_none() && (&mut instant).now_or_never().is_none());

        clock.set_back(60 * SECOND);
        clock.advance(SECOND);

        assert!(pause.now_or_never().is_some());
        assert!((&mut instant).now_or_never().is_none());
        clock.advance(60 * SECOND);
        assert!(instant.now_or_never().is_some());
    }
}
