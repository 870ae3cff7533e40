//! Time as rows hold it.

use std::time::Duration;

use clock::Timestamp;

/// Whole microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(pub(super) u64);

impl Instant {
    pub(super) const START: Self = Self(0);

    /// The instant of `timestamp`; whatever lies before 1970 counts as 1970.
    pub(super) fn of(timestamp: Timestamp) -> Self {
        Self(u64::try_from(timestamp.timestamp_micros()).unwrap_or_default())
    }

    /// The instant `duration` later, or the end of time.
    pub(super) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }

    /// The first instant after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How long it is until `later`; nothing if that is past.
    pub(super) fn until(self, later: Self) -> Duration {
        Duration::from_micros(later.0.saturating_sub(self.0))
    }

    /// Whole milliseconds since 1970.
    pub(super) fn milliseconds(self) -> u64 {
        self.0 / 1000
    }
}
