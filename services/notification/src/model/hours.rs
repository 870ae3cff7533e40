//! When a commercial mail leaves that is due.

use std::time::Duration;

use chrono::SubsecRound;
use clock::Timestamp;
use kit::commercial_hours::{day_start, opens_at};

/// Over which mails that have waited for the morning are spread.
const SPREAD_WINDOW: Duration = Duration::from_secs(30 * 60);
/// No commercial mail waits longer for a morning.
pub(crate) const MAX_NIGHT_DELAY: Duration = Duration::from_secs(24 * 60 * 60 + 30 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When a commercial mail leaves that is due at `now`: at once, or in the morning. `jitter` is from 0 up to 1.
pub(crate) fn in_hours(now: Timestamp, jitter: f64) -> Timestamp {
    opens_at(now).map_or(now, |opening| (opening + SPREAD_WINDOW.mul_f64(jitter)).trunc_subsecs(6))
}

/// When a commercial mail leaves that has to wait for the next day. `jitter` is from 0 up to 1.
pub(crate) fn next_morning(now: Timestamp, jitter: f64) -> Timestamp {
    in_hours(day_start(now) + DAY, jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_due_leaves_in_the_hours_and_soon_after_they_begin(second in 0_i64..4_000_000_000, jitter in 0.0..1.0) {
            let now = Timestamp::from_timestamp(second, 0).unwrap();

            let leaves = in_hours(now, jitter);

            prop_assert_eq!(opens_at(leaves), None);
            prop_assert!(leaves >= now && leaves <= now + MAX_NIGHT_DELAY);
        }

        #[test]
        fn what_has_to_wait_for_the_next_day_leaves_in_its_morning(second in 0_i64..4_000_000_000, jitter in 0.0..1.0) {
            let now = Timestamp::from_timestamp(second, 0).unwrap();

            let leaves = next_morning(now, jitter);

            prop_assert_eq!(opens_at(leaves), None);
            prop_assert_eq!(day_start(leaves), day_start(now) + DAY);
            // Asked while mail may leave.
            prop_assert!(opens_at(now).is_some() || leaves <= now + MAX_NIGHT_DELAY);
        }
    }
}
