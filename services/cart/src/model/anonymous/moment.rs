//! Times as they stand in a cart: ours with their zone and six digits, those of peers without one. What a peer dated is in UTC; for
//! when a line is wanted its diner has typed.

use chrono::{Datelike, NaiveDateTime, SecondsFormat, SubsecRound, Timelike};
use clock::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de};

use crate::model::ScheduleDate;

/// What a peer can read, too.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// Reads an instant. What one without a zone means, `bare` says; more than six digits behind the point are cut.
fn parse(text: &str, bare: impl Fn(NaiveDateTime) -> Timestamp) -> Option<Timestamp> {
    let zoned = || text.parse::<Timestamp>().ok();
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok().map(&bare);
    let instant = zoned().or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f")).or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))?;
    let is_leap_second = instant.nanosecond() >= 1_000_000_000;
    (!is_leap_second && YEARS.contains(&instant.year())).then(|| instant.trunc_subsecs(6))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text, |dated| dated.and_utc()).ok_or_else(|| de::Error::custom("no time"))
}

/// By the clocks of İstanbul, as wherever it is typed; what these don't show, a peer reads all the same.
fn local(time: NaiveDateTime) -> Timestamp {
    let shown = ScheduleDate::local(time).map(|ScheduleDate(instant)| instant);
    shown.filter(|instant| YEARS.contains(&instant.year())).unwrap_or(time.and_utc())
}

pub(super) fn serialize<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The same of what somebody has typed, if anything.
pub(super) mod typed {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, de, local, parse};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| parse(&text, local).ok_or_else(|| de::Error::custom("no time"))).transpose()
    }

    pub(in super::super) fn serialize<S: Serializer>(
        instant: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => super::serialize(instant, serializer),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(text: &str) -> Option<Timestamp> {
        parse(text, |dated| dated.and_utc())
    }

    #[test]
    fn a_time_is_read_with_and_without_a_zone_and_to_the_microsecond() {
        let expected: Timestamp = "2026-11-22T13:34:32.794373Z".parse().unwrap();
        for text in [
            "2026-11-22T13:34:32.794373",
            "2026-11-22T13:34:32.794373Z",
            "2026-11-22T13:34:32.794373999",
            "2026-11-22T13:34:32.794373999Z",
            "2026-11-22T13:34:32.794373+00:00",
            "2026-11-22T16:34:32.794373+03:00",
            "2026-11-22 13:34:32.794373",
        ] {
            assert_eq!(dated(text), Some(expected), "{text}");
        }
        assert_eq!(dated("2026-11-22T13:34:32"), Some("2026-11-22T13:34:32Z".parse().unwrap()));
    }

    #[test]
    fn what_was_typed_without_a_zone_is_by_the_clocks_of_istanbul() {
        for (text, instant) in [
            ("2026-11-22T16:34:32", "2026-11-22T13:34:32Z"),
            ("2026-11-22T16:34:32Z", "2026-11-22T16:34:32Z"),
            ("2026-11-22T16:34:32+03:00", "2026-11-22T13:34:32Z"),
            // Clocks that were put forward have never shown it, and years have four digits.
            ("2016-03-27T03:30:00", "2016-03-27T03:30:00Z"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(parse(text, local), Some(instant.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_for_a_peer_is_none() {
        for text in ["", "2026-11-22", "13:34", "2026-11-22T25:00:00", "2026-12-31T23:59:60Z", "+12026-11-22T13:34:32Z"]
        {
            assert_eq!((dated(text), parse(text, local)), (None, None), "{text}");
        }
    }
}
