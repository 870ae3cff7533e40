//! For when a line is wanted.

use clock::Timestamp;
use kit::{FieldValue, Text};

/// An instant to the microsecond. Clients of the first platform leave out the zone and mean UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScheduleDate(pub(crate) Timestamp);

impl FieldValue for ScheduleDate {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let with_zone = <Timestamp as FieldValue>::parse(raw.clone());
        // Without a zone as the first platform reads it, and without seconds as a browser's field for a time has it.
        let completions = ["Z", ":00Z"].map(|end| format!("{}{end}", raw.trim()));
        let instant = completions.into_iter().fold(with_zone, |read, text| {
            read.or_else(|fault| <Timestamp as FieldValue>::parse(text).map_err(|_| fault))
        })?;
        let micros = Timestamp::from_timestamp_micros(instant.timestamp_micros());
        Ok(Self(micros.expect("an instant that is later by less than a microsecond is there")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_in_utc() {
        let read = |text: &str| ScheduleDate::parse(text.to_owned()).ok().map(|date| date.0.to_rfc3339());

        for (text, instant) in [
            ("2026-11-22T13:34:32Z", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T16:34:32+03:00", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T13:34:32", "2026-11-22T13:34:32+00:00"),
            ("2026-11-22T13:34", "2026-11-22T13:34:00+00:00"),
            ("2026-11-22T13:34:32.794373999", "2026-11-22T13:34:32.794373+00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(instant), "{text}");
        }
        for wrong in ["", "yarın", "2026-13-01T00:00:00", "12026-01-01T00:00:00Z", "2026-11-22T13:34:32+03:00Z"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
