//! The hours at which commercial mail goes out: nobody is woken by a campaign.

use chrono::{TimeZone, Timelike};
use chrono_tz::Tz;
use clock::Timestamp;

const ZONE: Tz = Tz::Europe__Istanbul;
/// The first hour of a day at which mails go out, and the first at which they do no more.
const OPENING: u32 = 9;
const CLOSING: u32 = 21;

/// When mails may go out next; nothing where that is now.
pub(crate) fn closed_until(now: Timestamp) -> Option<Timestamp> {
    let here = now.with_timezone(&ZONE);
    let day = match here.hour() {
        hour if hour < OPENING => here.date_naive(),
        hour if hour < CLOSING => return None,
        _ => here.date_naive().succ_opt()?,
    };
    let opening = ZONE.from_local_datetime(&day.and_hms_opt(OPENING, 0, 0)?).earliest()?;
    Some(opening.to_utc())
}

/// When the day of Istanbul has begun.
pub(crate) fn day_start(now: Timestamp) -> Timestamp {
    let midnight = now.with_timezone(&ZONE).date_naive().and_time(chrono::NaiveTime::MIN);
    // A day without a midnight begins before `now` all the same.
    ZONE.from_local_datetime(&midnight).earliest().map_or(now, |start| start.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn mails_go_out_from_nine_to_nine_in_istanbul() {
        for open in ["2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T17:59:59Z"] {
            assert_eq!(closed_until(at(open)), None, "{open}");
        }
        assert_eq!(closed_until(at("2026-03-02T05:59:59Z")), Some(at("2026-03-02T06:00:00Z")));
        assert_eq!(closed_until(at("2026-03-02T18:00:00Z")), Some(at("2026-03-03T06:00:00Z")));
        assert_eq!(
            closed_until(at("2026-03-02T22:00:00Z")),
            Some(at("2026-03-03T06:00:00Z")),
            "the day there is the next"
        );
    }

    #[test]
    fn a_day_is_that_of_istanbul() {
        assert_eq!(day_start(at("2026-03-02T12:00:00Z")), at("2026-03-01T21:00:00Z"));
        assert_eq!(day_start(at("2026-03-02T21:00:00Z")), at("2026-03-02T21:00:00Z"));
    }
}
