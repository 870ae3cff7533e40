//! When commercial mail may leave: while its readers, who live in Türkiye, are awake.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use clock::Timestamp;

use crate::local_time::istanbul;

/// From this hour on.
const FIRST_HOUR: u32 = 9;
/// Before this hour.
const END_HOUR: u32 = 21;

/// When commercial mail may leave next; `None` if it may at `now`.
#[must_use]
pub fn opens_at(now: Timestamp) -> Option<Timestamp> {
    let local = now.with_timezone(&istanbul()).naive_local();
    let first = time_of(FIRST_HOUR);
    if (first..time_of(END_HOUR)).contains(&local.time()) {
        return None;
    }
    let day = if local.time() < first { local.date() } else { local.date() + TimeDelta::days(1) };
    let opening = day.and_time(first).and_local_timezone(istanbul()).single();
    Some(opening.expect("a fixed offset has each time once").to_utc())
}

/// When commercial mail may leave next that takes so long to leave; `None` if it may begin at `now`.
#[must_use]
pub fn opens_for(window: Duration, now: Timestamp) -> Option<Timestamp> {
    opens_at(now).or_else(|| opens_at(now + window))
}

/// When the readers' day has begun.
#[must_use]
pub fn day_start(now: Timestamp) -> Timestamp {
    let midnight = now.with_timezone(&istanbul()).date_naive().and_time(NaiveTime::MIN);
    midnight.and_local_timezone(istanbul()).single().expect("a fixed offset has each time once").to_utc()
}

fn time_of(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("a day has this hour")
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_takes_long_to_leave_waits_for_the_morning_once_the_evening_is_near() {
        let window = Duration::from_secs(10 * 60);
        for (now, opening) in [
            ("2026-03-02T05:59:59Z", Some("2026-03-02T06:00:00Z")),
            ("2026-03-02T17:49:59Z", None),
            ("2026-03-02T17:50:00Z", Some("2026-03-03T06:00:00Z")),
            ("2026-03-02T18:00:00Z", Some("2026-03-03T06:00:00Z")),
        ] {
            assert_eq!(opens_for(window, at(now)), opening.map(at), "{now}");
        }
    }

    #[test]
    fn a_day_is_that_of_istanbul() {
        assert_eq!(day_start(at("2026-03-02T12:00:00Z")), at("2026-03-01T21:00:00Z"));
        assert_eq!(day_start(at("2026-03-02T21:00:00Z")), at("2026-03-02T21:00:00Z"));
    }
}
