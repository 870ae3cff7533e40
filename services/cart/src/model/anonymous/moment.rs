//! Times as they stand in a cart: ours with their zone and six digits, those of peers without one.

use chrono::{Datelike, NaiveDateTime, SubsecRound, Timelike};
use clock::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de};

/// What a peer can read, too.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// Reads an instant. One without a zone is in UTC; more than six digits behind the point are cut.
fn parse(text: &str) -> Option<Timestamp> {
    let zoned = || text.parse::<Timestamp>().ok();
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok().map(|naive| naive.and_utc());
    let instant = zoned().or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f")).or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))?;
    let is_leap_second = instant.nanosecond() >= 1_000_000_000;
    (!is_leap_second && YEARS.contains(&instant.year())).then(|| instant.trunc_subsecs(6))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("no time"))
}

pub(super) fn serialize<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

/// The same where there may be none.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, de, parse};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| parse(&text).ok_or_else(|| de::Error::custom("no time"))).transpose()
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
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("2026-11-22T13:34:32"), Some("2026-11-22T13:34:32Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_time_for_a_peer_is_none() {
        for text in ["", "2026-11-22", "13:34", "2026-11-22T25:00:00", "2026-12-31T23:59:60Z", "+12026-11-22T13:34:32Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
