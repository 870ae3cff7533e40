//! Hours as clients send them.

use chrono::{NaiveDate, Weekday};
use clock::Timestamp;
use contracts::opening_hours::{DayHours, InvalidDayHours};
use contracts::{OpeningHours, ShortText};
use kit::{Faults, Field, FieldValue, FromField, Text};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Closures, SpecialDay, SpecialDays, WrittenClosure};

/// Special days, and closures, that a restaurant has written down at most.
const MOST: usize = 100;

/// Texts that the hours of a day are sent in at most; none of them needs more than one interval.
const MOST_TEXTS: usize = 6;

/// The code of hours that are none.
const INVALID: &str = "OPENING_HOURS_INVALID";

/// The hours of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WeekInput(pub(crate) OpeningHours);

/// Special days in the order in which they were sent, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentDays(pub(crate) Vec<SpecialDay>);

/// Closures in the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentClosures(pub(crate) Vec<WrittenClosure>);

/// The hours of a day: a text, a list of texts, or nothing for a closed day.
#[derive(Debug, Default)]
struct DayInput(DayHours);

/// One of the texts.
struct IntervalsText(String);

#[derive(Deserialize)]
struct SpecialDayInput {
    #[serde(default)]
    date: Field<NaiveDate>,
    #[serde(default)]
    intervals: Field<DayInput>,
    #[serde(default)]
    note: Field<ShortText<100>>,
}

#[derive(Deserialize)]
struct ClosureInput {
    #[serde(default)]
    from: Field<Timestamp>,
    #[serde(default)]
    until: Field<Timestamp>,
    #[serde(default)]
    reason: Field<ShortText<100>>,
}

impl FromField for WeekInput {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let days: Map<String, Value> = faults.object(raw)?;
        if days.len() > 7 {
            return faults.refuse(INVALID, Text::new("Haftanın yedi günü var.", "A week has seven days."));
        }
        let mut week = OpeningHours::default();
        let mut known: Vec<Weekday> = Vec::new();
        for (name, hours) in days {
            faults.part(&name, |faults| match OpeningHours::day_named(&name) {
                None => faults.add("", INVALID, UNKNOWN_DAY),
                Some(day) if known.contains(&day) => faults.add("", INVALID, DAY_TWICE),
                Some(day) => {
                    known.push(day);
                    let hours = if hours.is_null() { None } else { DayInput::from_field(hours, faults) };
                    week.set_day(day, hours.unwrap_or_default().0);
                }
            });
        }
        // With a fault in it it is not the week that was meant.
        faults.is_empty().then_some(Self(week))
    }
}

impl FromField for DayInput {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let texts = if raw.is_array() {
            faults.rows(raw, MOST_TEXTS, IntervalsText::from_field)?
        } else {
            vec![IntervalsText::from_field(raw, faults)?]
        };
        match DayHours::parse_all(texts.iter().map(|IntervalsText(text)| text.as_str())) {
            Ok(hours) => Some(Self(hours)),
            Err(fault) => faults.refuse(INVALID, of_day(&fault)),
        }
    }
}

impl FieldValue for IntervalsText {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        match raw.parse::<DayHours>() {
            Ok(_) => Ok(Self(raw)),
            Err(fault) => Err((INVALID, of_day(&fault))),
        }
    }
}

impl FromField for SentDays {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let days = faults.rows(raw, MOST, |row, faults| {
            let SpecialDayInput { date, intervals, note } = faults.object(row)?;
            let date = faults.required("date", date);
            let DayInput(intervals) = faults.unless_null("intervals", intervals).unwrap_or_default();
            let note = faults.unless_null("note", note);
            Some(SpecialDay { date: date?, intervals, note })
        })?;
        faults.check_once(days.iter().map(|day| day.date), ("date", "DAY_TWICE", DAY_TWICE));
        Some(Self(days))
    }
}

impl FromField for SentClosures {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let closures = faults.rows(raw, MOST, |row, faults| {
            let ClosureInput { from, until, reason } = faults.object(row)?;
            let times = faults.required("from", from).zip(faults.required("until", until));
            let reason = faults.unless_null("reason", reason);
            let (from, until) = times?;
            if until <= from {
                faults.add("until", "ENDS_BEFORE_IT_BEGINS", ENDS_BEFORE_IT_BEGINS);
            }
            Some(WrittenClosure { from, until, reason })
        })?;
        Some(Self(closures))
    }
}

impl From<SentDays> for SpecialDays {
    fn from(SentDays(mut days): SentDays) -> Self {
        days.sort_by_key(|day| day.date);
        Self(days)
    }
}

impl From<SentClosures> for Closures {
    fn from(SentClosures(mut closures): SentClosures) -> Self {
        closures.sort_by_key(|closure| (closure.from, closure.until));
        Self(closures)
    }
}

fn of_day(fault: &InvalidDayHours) -> Text {
    let tr = match fault {
        InvalidDayHours::NoInterval(text) => format!("{text:?} 11:00-14:00 gibi bir aralık değil."),
        InvalidDayHours::OpensAfterTheDay(text) => format!("{text:?} 24:00'te açılıyor; bu, ertesi günün 00:00'ıdır."),
        InvalidDayHours::Overlap => "İki aralık çakışıyor.".to_owned(),
        InvalidDayHours::TooMany => "Bir günde en çok altı aralık olabilir.".to_owned(),
    };
    Text { tr: tr.into(), en: format!("{fault}.").into() }
}

const UNKNOWN_DAY: Text = Text::new("Bu, haftanın bir günü değil.", "This is not a day of the week.");
const DAY_TWICE: Text = Text::new("Bir gün iki kez yazılmış.", "A day is given twice.");
const ENDS_BEFORE_IT_BEGINS: Text = Text::new("Kapalı dönem başlamadan bitiyor.", "A closure ends before it begins.");

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    /// What is wrong, or what is stored.
    fn read<T: FromField, S: From<T> + Serialize>(value: Value) -> Result<Value, String> {
        let mut faults = Faults::default();
        match T::from_field(value, &mut faults) {
            Some(sent) if faults.list().is_empty() => Ok(serde_json::to_value(S::from(sent)).unwrap()),
            _ => {
                let said = faults.list().iter().map(|fault| format!("{}: {}", fault.field(), fault.text().en));
                Err(said.collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn read_days(days: Value) -> Result<Value, String> {
        read::<SentDays, SpecialDays>(days)
    }

    #[test]
    fn special_days_are_read_as_they_are_stored_in_order() {
        let days = json!([
            { "date": "2026-12-31", "intervals": ["18:00-04:00", "11:00-14:00"], "note": "Yılbaşı" },
            { "date": "2026-01-01", "intervals": null },
        ]);

        let stored = read_days(days).unwrap();

        let expected = json!([
            { "date": "2026-01-01", "intervals": "closed", "note": null },
            { "date": "2026-12-31", "intervals": "11:00-14:00, 18:00-04:00", "note": "Yılbaşı" },
        ]);
        assert_eq!(stored, expected);
        assert_eq!(read_days(stored), Ok(expected));
    }

    #[test]
    fn what_is_wrong_with_a_special_day_is_said_with_its_place() {
        let day =
            |intervals: Value| json!([{ "date": "2026-01-02" }, { "date": "2026-01-01", "intervals": intervals }]);

        assert_eq!(
            read_days(day(json!("11-14"))).unwrap_err(),
            "[1].intervals: \"11-14\" is not an interval like 11:00-14:00."
        );
        assert_eq!(
            read_days(day(json!(["11:00-14:00", "x"]))).unwrap_err(),
            "[1].intervals[1]: \"x\" is not an interval like 11:00-14:00."
        );
        assert_eq!(
            read_days(day(json!(["11:00-14:00", "13:00-15:00"]))).unwrap_err(),
            "[1].intervals: two intervals overlap."
        );
        assert_eq!(
            read_days(json!([{ "date": "2026-02-30", "note": 7 }])).unwrap_err(),
            "[0].date: The date must have the form YYYY-MM-DD. [0].note: This field has the wrong type."
        );
        let twice = json!([{ "date": "2026-01-01" }, { "date": "2026-01-01" }]);
        assert_eq!(read_days(twice).unwrap_err(), "[1].date: A day is given twice.");
        assert_eq!(read_days(json!(vec![json!({}); 101])).unwrap_err(), ": This list can have at most 100 rows.");
    }

    #[test]
    fn a_closure_has_a_length() {
        let closure = |until: &str| {
            let closures = json!([{ "from": "2026-03-02T12:00:00Z", "until": until, "reason": "Tadilat" }]);
            read::<SentClosures, Closures>(closures)
        };

        assert!(closure("2026-03-02T15:00:01+03:00").is_ok());
        assert_eq!(closure("2026-03-02T12:00:00Z").unwrap_err(), "[0].until: A closure ends before it begins.");
        assert!(closure("tomorrow").unwrap_err().starts_with("[0].until: A time must be written like"));
    }

    #[test]
    fn a_week_says_what_is_wrong_with_each_day_in_both_languages() {
        let faults = |value: Value| {
            let mut faults = Faults::default();
            let _ = WeekInput::from_field(value, &mut faults);
            let said = |fault: &kit::Fault| {
                (fault.field().to_owned(), fault.text().tr.to_string(), fault.text().en.to_string())
            };
            faults.list().iter().map(said).collect::<Vec<_>>()
        };
        let fault = |place: &str, tr: &str, en: &str| (place.to_owned(), tr.to_owned(), en.to_owned());

        let both = faults(json!({ "monday": "11:00-14:00, 13:00-15:00", "someday": "" }));
        assert_eq!(
            both,
            [
                fault("monday", "İki aralık çakışıyor.", "two intervals overlap."),
                fault("someday", "Bu, haftanın bir günü değil.", "This is not a day of the week."),
            ]
        );
        assert_eq!(faults(json!({ "monday": "", "Pzt": "" }))[0].2, "A day is given twice.");
        assert_eq!(faults(json!({ "monday": 7 }))[0].2, "This field has the wrong type.");
        assert_eq!(faults(json!([]))[0].0, "");
        let names: Map<String, Value> = (0..8).map(|day| (day.to_string(), Value::Null)).collect();
        assert_eq!(faults(Value::Object(names)).len(), 1, "an answer does not grow with what is sent");
    }
}
