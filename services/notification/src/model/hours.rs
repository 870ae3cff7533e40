//! When commercial mail may leave: while its readers are awake.

use std::time::Duration;

use chrono::{FixedOffset, NaiveTime, SubsecRound, TimeDelta};
use clock::Timestamp;

/// From this hour on, in Türkiye.
const FIRST_HOUR: u32 = 9;
/// Before this hour.
const END_HOUR: u32 = 21;
/// Over which mails that have waited for the morning are spread.
const SPREAD_WINDOW: Duration = Duration::from_secs(30 * 60);
/// No commercial mail waits longer for the morning.
pub(crate) const MAX_NIGHT_DELAY: Duration = Duration::from_secs(12 * 60 * 60 + 30 * 60);

/// When commercial mail may leave next; `None` if it may at `now`.
pub(crate) fn opens_at(now: Timestamp) -> Option<Timestamp> {
    let zone = istanbul();
    let local = now.with_timezone(&zone).naive_local();
    let first = time_of(FIRST_HOUR);
    if (first..time_of(END_HOUR)).contains(&local.time()) {
        return None;
    }
    let day = if local.time() < first { local.date() } else { local.date() + TimeDelta::days(1) };
    let opening = day.and_time(first).and_local_timezone(zone).single();
    Some(opening.expect("a fixed offset has each time once").to_utc())
}

/// When a commercial mail leaves that is due at `now`: at once, or in the morning. `jitter` is from 0 up to 1.
pub(crate) fn in_hours(now: Timestamp, jitter: f64) -> Timestamp {
    opens_at(now).map_or(now, |opening| (opening + SPREAD_WINDOW.mul_f64(jitter)).trunc_subsecs(6))
}

/// Türkiye is three hours ahead of UTC the whole year, since 2016.
pub(crate) fn istanbul() -> FixedOffset {
    FixedOffset::east_opt(3 * 60 * 60).expect("three hours are less than a day")
}

fn time_of(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("a day has this hour")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn commercial_mail_leaves_from_nine_to_nine_in_the_evening() {
        for (now, opening) in [
            ("2026-03-02T05:59:59Z", Some("2026-03-02T06:00:00Z")),
            ("2026-03-02T06:00:00Z", None),
            ("2026-03-02T17:59:59Z", None),
            ("2026-03-02T18:00:00Z", Some("2026-03-03T06:00:00Z")),
            ("2026-03-02T21:30:00Z", Some("2026-03-03T06:00:00Z")),
            ("2026-12-31T20:00:00Z", Some("2027-01-01T06:00:00Z")),
        ] {
            assert_eq!(opens_at(at(now)), opening.map(at), "{now}");
        }
    }

    proptest! {
        #[test]
        fn what_is_due_leaves_in_the_hours_and_soon_after_they_begin(second in 0_i64..4_000_000_000, jitter in 0.0..1.0) {
            let now = Timestamp::from_timestamp(second, 0).unwrap();

            let leaves = in_hours(now, jitter);

            prop_assert_eq!(opens_at(leaves), None);
            prop_assert!(leaves >= now && leaves <= now + MAX_NIGHT_DELAY);
        }
    }
}
