//! The day of birth.

use chrono::{Datelike, NaiveDate};
use clock::Timestamp;
use kit::{FieldValue, Text};

/// A day since 1900; whether it is past depends on when one asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BornDate(NaiveDate);

impl BornDate {
    /// The day.
    pub(crate) fn day(self) -> NaiveDate {
        self.0
    }

    /// Whether the day is over, in UTC.
    pub(crate) fn is_before(self, now: Timestamp) -> bool {
        self.0 < now.date_naive()
    }
}

impl FieldValue for BornDate {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let date = NaiveDate::parse(raw)?;
        if date.year() < 1900 {
            let text = Text::new("Tarih 1900'den önce olamaz.", "The date can't be before 1900.");
            return Err(("DATE_TOO_EARLY", text));
        }
        Ok(Self(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_birth_is_a_day_since_1900() {
        let code = |raw: &str| BornDate::parse(raw.to_owned()).map(|_| ()).map_err(|(code, _)| code);

        assert_eq!(code("1900-01-01"), Ok(()));
        assert_eq!(code("2000-02-29"), Ok(()));
        assert_eq!(code("1899-12-31"), Err("DATE_TOO_EARLY"));
        let invalid = ["", "2001-02-29", "01.02.2000", "2000-01-01T00:00:00Z", "bugün"];
        let loose =
            [" 1990-05-17", "1990-05-17 ", "1990-5-17", "1990-05-7", "+2000-01-01", "02000-01-01", "1990- 5-17"];
        for raw in invalid.into_iter().chain(loose) {
            assert_eq!(code(raw), Err("DATE_INVALID"), "{raw:?}");
        }
    }

    #[test]
    fn today_is_not_past() {
        let born = |raw: &str| BornDate::parse(raw.to_owned()).unwrap();
        let now = "2026-03-01T00:00:00Z".parse().unwrap();

        assert!(born("2026-02-28").is_before(now));
        assert!(!born("2026-03-01").is_before(now));
    }
}
