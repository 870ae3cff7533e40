//! For when a line or an order is wanted, as a diner writes it.

use chrono::{LocalResult, NaiveDateTime, TimeZone};
use clock::Timestamp;
use contracts::opening_hours::Tz;
use kit::{FieldValue, Text};

/// An instant to the microsecond. Without a zone it is by the clocks of İstanbul, on which a browser's field for a time shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScheduleDate(pub(crate) Timestamp);

impl ScheduleDate {
    /// A time that the clocks of İstanbul show. Of one that they show twice the first; none that they skip.
    pub(crate) fn local(time: NaiveDateTime) -> Option<Self> {
        match Tz::Europe__Istanbul.from_local_datetime(&time) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(Self(instant.to_utc())),
            LocalResult::None => None,
        }
    }
}

impl FieldValue for ScheduleDate {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let with_zone = <Timestamp as FieldValue>::parse(raw.clone());
        let instant = with_zone.or_else(|fault| {
            let Self(local) = bare(raw.trim()).and_then(Self::local).ok_or(fault)?;
            <Timestamp as FieldValue>::parse(local.to_rfc3339())
        })?;
        let micros = Timestamp::from_timestamp_micros(instant.timestamp_micros());
        Ok(Self(micros.expect("an instant that is later by less than a microsecond is there")))
    }
}

fn bare(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_that_of_istanbul() {
        let read = |text: &str| ScheduleDate::parse(text.to_owned()).ok().map(|date| date.0.to_rfc3339());

        for (text, instant) in [
            ("2026-11-22T13:34:32Z", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34:32+03:00", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34:32", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34", "2026-11-22T13:34:00+00:00"),
            ("2026-11-22T16:34:32.794373999", "2026-11-22T13:34:32.794373+00:00"),
            // The clocks were set back from four to three.
            ("2015-11-08T03:30", "2015-11-08T00:30:00+00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(instant), "{text}");
        }
        for wrong in [
            "",
            "yarın",
            "2026-13-01T00:00:00",
            "2026-11-22",
            "12026-01-01T00:00:00Z",
            "12026-01-01T00:00:00",
            "0000-01-01T00:00:00",
            "2026-11-22T13:34:32+03:00Z",
            "2016-03-27T03:30",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
