//! For when an order is wanted, as a diner writes it.

use chrono::{LocalResult, NaiveDateTime, TimeZone};
use clock::Timestamp;
use contracts::opening_hours::Tz;
use kit::{FieldValue, Text};

/// An instant. Without a zone it is by the clocks of İstanbul, on which a browser's field for a time shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalTime(pub(crate) Timestamp);

impl FieldValue for LocalTime {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let with_zone = <Timestamp as FieldValue>::parse(raw.clone());
        let instant = with_zone.or_else(|fault| local(raw.trim()).ok_or(fault))?;
        let micros = Timestamp::from_timestamp_micros(instant.timestamp_micros());
        Ok(Self(micros.expect("an instant that is later by less than a microsecond is there")))
    }
}

/// Of a time that the clocks show twice the first one; none that they skip.
fn local(text: &str) -> Option<Timestamp> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let time = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    match Tz::Europe__Istanbul.from_local_datetime(&time) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.to_utc()),
        LocalResult::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_that_of_istanbul() {
        let read = |text: &str| LocalTime::parse(text.to_owned()).ok().map(|time| time.0.to_rfc3339());

        for (text, instant) in [
            ("2026-11-22T13:34:32Z", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34:32+03:00", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34:32", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34", "2026-11-22T13:34:00+00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(instant), "{text}");
        }
        for wrong in ["", "yarın", "2026-13-01T00:00:00", "2026-11-22"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
