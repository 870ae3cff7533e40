//! How fast campaigns go on, all together: as fast as their mails leave, so that whatever else is to be mailed finds little before it.

use std::num::NonZeroU32;
use std::time::Duration;

use clock::Timestamp;

use super::ChunkSize;

/// What a late poll may make up for.
const CATCH_UP_WINDOW: Duration = Duration::from_secs(1);

/// So many mails a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MailPace(pub(crate) NonZeroU32);

impl MailPace {
    /// How long `mails` take, in whole microseconds: no database keeps less.
    pub(crate) fn time_of(self, mails: u64) -> Duration {
        Duration::from_micros(mails.saturating_mul(1_000_000) / u64::from(self.0.get()))
    }

    /// How many mails leave in that time.
    pub(crate) fn mails_of(self, time: Duration) -> i64 {
        i64::try_from(time.as_secs().saturating_mul(self.0.get().into())).unwrap_or(i64::MAX)
    }

    /// Whether the next chunk may go, where the last one has said when. What is later than any chunk says was said by a clock that
    /// was ahead.
    pub(crate) fn is_due(self, next_at: Timestamp, now: Timestamp) -> bool {
        next_at <= now || next_at > now + self.time_of(ChunkSize::LARGEST)
    }

    /// When the next chunk may go after one of `mails`.
    pub(crate) fn after(self, next_at: Timestamp, mails: u64, now: Timestamp) -> Timestamp {
        let earliest = now - CATCH_UP_WINDOW;
        next_at.clamp(earliest, now) + self.time_of(mails)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_kept_by_late_polls_and_earned_by_no_quiet_time() {
        let pace = MailPace(NonZeroU32::new(50).unwrap());
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let seconds = Duration::from_secs;

        let next = pace.after(now - seconds(3_600), 100, now);
        let late = pace.after(next, 100, next + Duration::from_millis(700));

        assert_eq!(next, now + seconds(1));
        assert_eq!(late, next + seconds(2));
        assert!(!pace.is_due(next, now) && pace.is_due(next, next));
    }

    #[test]
    fn a_clock_that_was_ahead_holds_nothing_up() {
        let pace = MailPace(NonZeroU32::new(50).unwrap());
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let ahead = now + Duration::from_secs(3_600);

        assert!(pace.is_due(ahead, now));
        assert_eq!(pace.after(ahead, 50, now), now + Duration::from_secs(1));
    }
}
