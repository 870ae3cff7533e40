//! Notices that a clock was set back.

use std::time::Duration;

use crate::Timestamp;

/// What is kept for an instant by a clock that was ahead waits for as long as the clock was set back. Whoever keeps such
/// things asks here at each poll and makes them due.
#[derive(Debug, Default)]
pub struct SetBack {
    newest: Option<Timestamp>,
}

/// Smaller steps are those of a clock that is kept right.
const TOLERANCE: Duration = Duration::from_secs(1);

impl SetBack {
    /// Whether `now` is earlier than at a call before; from then on only what is earlier still counts.
    pub fn notice(&mut self, now: Timestamp) -> bool {
        let is_set_back = self.newest.is_some_and(|newest| now + TOLERANCE < newest);
        if is_set_back || self.newest.is_none_or(|newest| newest < now) {
            self.newest = Some(now);
        }
        is_set_back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_is_noticed_once_and_one_that_goes_on_never() {
        let at = |seconds| Timestamp::UNIX_EPOCH + Duration::from_secs(seconds);
        let mut clock = SetBack::default();

        let noticed = [100, 100, 101, 4_000, 3_999, 400, 400, 3_999, 2].map(|seconds| clock.notice(at(seconds)));

        assert_eq!(noticed, [false, false, false, false, false, true, false, false, true]);
    }

    #[test]
    fn many_small_steps_are_one_large_one() {
        let at = |milliseconds| Timestamp::UNIX_EPOCH + Duration::from_millis(milliseconds);
        let mut clock = SetBack::default();

        let noticed = [9_000, 8_400, 7_800].map(|milliseconds| clock.notice(at(milliseconds)));

        assert_eq!(noticed, [false, false, true]);
    }
}
