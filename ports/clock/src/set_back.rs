//! Notices that a clock was set back.

use std::time::Duration;

use crate::Timestamp;

/// What is kept for an instant by a clock that was ahead waits for as long as the clock was set back. Whoever keeps such
/// things asks here at each poll and makes them due.
#[derive(Debug, Default)]
pub struct SetBack {
    newest: Option<Timestamp>,
    is_noticed: bool,
}

/// Smaller steps are those of a clock that is kept right.
const TOLERANCE: Duration = Duration::from_secs(1);

impl SetBack {
    /// Whether `now` was earlier than at a call before since [`SetBack::acknowledge`], so that work that failed is done at
    /// the next poll.
    pub fn notice(&mut self, now: Timestamp) -> bool {
        let is_set_back = self.newest.is_some_and(|newest| now + TOLERANCE < newest);
        if is_set_back || self.newest.is_none_or(|newest| newest < now) {
            self.newest = Some(now);
        }
        self.is_noticed |= is_set_back;
        self.is_noticed
    }

    /// What was noticed is made good; from then on only what is earlier still counts.
    pub fn acknowledge(&mut self) {
        self.is_noticed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    fn notice_and_acknowledge(clock: &mut SetBack, milliseconds: u64) -> bool {
        let is_noticed = clock.notice(at(milliseconds));
        clock.acknowledge();
        is_noticed
    }

    #[test]
    fn a_clock_set_back_is_noticed_once_and_one_that_goes_on_never() {
        let mut clock = SetBack::default();

        let noticed = [100, 100, 101, 4_000, 3_999, 400, 400, 3_999, 2]
            .map(|seconds| notice_and_acknowledge(&mut clock, seconds * 1_000));

        assert_eq!(noticed, [false, false, false, false, false, true, false, false, true]);
    }

    #[test]
    fn many_small_steps_are_one_large_one() {
        let mut clock = SetBack::default();

        let noticed = [9_000, 8_400, 7_800].map(|milliseconds| notice_and_acknowledge(&mut clock, milliseconds));

        assert_eq!(noticed, [false, false, true]);
    }

    #[test]
    fn a_clock_set_back_is_noticed_until_that_is_acknowledged() {
        let mut clock = SetBack::default();
        clock.notice(at(9_000));

        let noticed = [5_000, 5_000, 6_000].map(|milliseconds| clock.notice(at(milliseconds)));
        clock.acknowledge();

        assert_eq!((noticed, clock.notice(at(6_000))), ([true; 3], false));
    }
}
