//! The time of a platform under test: it stands still where nothing else has a clock, and goes where real servers have theirs.

use std::time::Duration;

use async_trait::async_trait;
use clock::{Clock, ManualClock, SystemClock, Timestamp};
use tokio::sync::watch;

/// A clock that a test can set forward; clones show the same time.
#[derive(Clone)]
pub(crate) enum Time {
    /// Stands still in between.
    Still(ManualClock),
    /// Goes on by itself, ahead of the system's by this much.
    Going(watch::Sender<Duration>),
}

impl Time {
    /// Stands at the first noon of 2026.
    pub(crate) fn still() -> Self {
        Self::Still(ManualClock::at("2026-01-01T12:00:00Z".parse().unwrap()))
    }

    pub(crate) fn going() -> Self {
        Self::Going(watch::Sender::new(Duration::ZERO))
    }

    pub(crate) fn advance(&self, duration: Duration) {
        match self {
            Self::Still(clock) => clock.advance(duration),
            Self::Going(ahead) => ahead.send_modify(|ahead| *ahead += duration),
        }
    }
}

#[async_trait]
impl Clock for Time {
    fn now(&self) -> Timestamp {
        match self {
            Self::Still(clock) => clock.now(),
            Self::Going(ahead) => SystemClock.now() + *ahead.borrow(),
        }
    }

    async fn sleep_until(&self, instant: Timestamp) {
        match self {
            Self::Still(clock) => clock.sleep_until(instant).await,
            Self::Going(ahead) => {
                let mut changes = ahead.subscribe();
                loop {
                    let by_the_system = instant - *changes.borrow_and_update();
                    tokio::select! {
                        () = SystemClock.sleep_until(by_the_system) => return,
                        _ = changes.changed() => {}
                    }
                }
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration).await;
    }
}
