//! When a restaurant is open, as its owner writes it down. What follows from it at an instant, `contracts::opening_hours` says.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, Utc};
use clock::Timestamp;
use contracts::opening_hours::{Closure, DayHours, InvalidDayHours, InvalidOpeningHours, Tz};
use contracts::{OpeningHours, ShortText};
use kit::{Fault, FieldValue, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LastOrder;

/// Special days, and closures, that a restaurant has written down at most.
const MOST: usize = 100;

/// What is past stays in a list that is sent back whole; what is older, or further ahead, nobody means.
const DAYS_BACK: Days = Days::new(366);
const DAYS_AHEAD: Days = Days::new(2 * 366);

/// Where the clocks of the hours hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeZone(pub(crate) Tz);

/// No time zone has such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownTimeZone;

/// The hours of a week, as they arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WeekInput(pub(crate) OpeningHours);

/// The hours of one date, instead of what the week says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SpecialDay {
    /// The day of the opening.
    pub(crate) date: NaiveDate,
    /// As in `opening_hours`; `closed` when nothing opens.
    #[serde(with = "as_text")]
    #[schema(value_type = String, example = "13:00-17:00")]
    pub(crate) intervals: DayHours,
    /// What day it is.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub(crate) note: Option<ShortText<100>>,
}

/// A time without service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RestaurantClosure)]
pub(crate) struct WrittenClosure {
    /// The first instant that is closed.
    pub(crate) from: DateTime<Utc>,
    /// The first instant that is not.
    pub(crate) until: DateTime<Utc>,
    /// Why.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub(crate) reason: Option<ShortText<100>>,
}

/// In the order of their dates, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SpecialDays(pub(crate) Vec<SpecialDay>);

/// In the order of their beginnings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Closures(pub(crate) Vec<WrittenClosure>);

/// What an owner changes of the hours; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HoursChange {
    pub(crate) week: Option<OpeningHours>,
    pub(crate) special_days: Option<SpecialDays>,
    pub(crate) closures: Option<Closures>,
    pub(crate) last_order: Option<LastOrder>,
    pub(crate) time_zone: Option<TimeZone>,
}

/// The intervals of a day as clients write them: a text, a list of texts, or nothing.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum DayTexts {
    Nothing(()),
    One(String),
    Many(Vec<String>),
}

/// A special day as it arrives.
#[derive(Deserialize)]
pub(crate) struct SpecialDayInput {
    date: NaiveDate,
    #[serde(default)]
    intervals: DayTexts,
    note: Option<String>,
}

/// A closure as it arrives.
#[derive(Deserialize)]
pub(crate) struct ClosureInput {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    reason: Option<String>,
}

impl TimeZone {
    pub(crate) const ISTANBUL: Self = Self(Tz::Europe__Istanbul);

    /// The IANA name.
    pub(crate) fn as_str(self) -> &'static str {
        self.0.name()
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, UnknownTimeZone> {
        name.parse().map(Self).map_err(|_| UnknownTimeZone)
    }
}

impl FieldValue for TimeZone {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "Saat dilimi Europe/Istanbul gibi bir IANA adı olmalıdır.",
            "The time zone must be an IANA name like Europe/Istanbul.",
        );
        raw.parse().map_err(|_| ("TIME_ZONE_UNKNOWN", text))
    }
}

impl Default for DayTexts {
    fn default() -> Self {
        Self::Nothing(())
    }
}

impl DayTexts {
    fn each(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::Nothing(()) => &[],
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

impl FieldValue for WeekInput {
    type Raw = BTreeMap<String, DayTexts>;

    fn parse(raw: BTreeMap<String, DayTexts>) -> Result<Self, (&'static str, Text)> {
        let days = raw.iter().map(|(name, texts)| (name.as_str(), texts.each()));
        OpeningHours::from_days(days).map(Self).map_err(|fault| ("OPENING_HOURS_INVALID", of_week(&fault)))
    }
}

impl FieldValue for SpecialDays {
    type Raw = Vec<SpecialDayInput>;

    fn parse(raw: Vec<SpecialDayInput>) -> Result<Self, (&'static str, Text)> {
        check_count(raw.len())?;
        let mut days = Vec::with_capacity(raw.len());
        for SpecialDayInput { date, intervals, note } in raw {
            let intervals = DayHours::parse_all(intervals.each()).map_err(|fault| {
                let Text { tr, en } = of_day(&fault);
                let text = Text { tr: format!("{date}: {tr}").into(), en: format!("{date}: {en}").into() };
                ("OPENING_HOURS_INVALID", text)
            })?;
            days.push(SpecialDay { date, intervals, note: note.map(ShortText::parse).transpose()? });
        }
        days.sort_by_key(|day| day.date);
        if days.windows(2).any(|pair| pair[0].date == pair[1].date) {
            return Err(("DAY_TWICE", Text::new("Bir gün iki kez yazılmış.", "A day is given twice.")));
        }
        Ok(Self(days))
    }
}

impl FieldValue for Closures {
    type Raw = Vec<ClosureInput>;

    fn parse(raw: Vec<ClosureInput>) -> Result<Self, (&'static str, Text)> {
        check_count(raw.len())?;
        let mut closures = Vec::with_capacity(raw.len());
        for ClosureInput { from, until, reason } in raw {
            if until <= from {
                let text = Text::new("Kapalı dönem başlamadan bitiyor.", "A closure ends before it begins.");
                return Err(("ENDS_BEFORE_IT_BEGINS", text));
            }
            closures.push(WrittenClosure { from, until, reason: reason.map(ShortText::parse).transpose()? });
        }
        closures.sort_by_key(|closure| (closure.from, closure.until));
        Ok(Self(closures))
    }
}

impl HoursChange {
    /// What nobody means at `now`: days and closures years away, unless they are among those before.
    pub(crate) fn check(&self, before: (&SpecialDays, &Closures), now: Timestamp) -> Result<(), Vec<Fault>> {
        let (first, last) = (now - DAYS_BACK, now + DAYS_AHEAD);
        let days = first.date_naive()..=last.date_naive();
        let is_far = |day: &&SpecialDay| !days.contains(&day.date) && !before.0.0.contains(day);
        let mut faults = Vec::new();
        if let Some(day) = self.special_days.iter().flat_map(|days| &days.0).find(is_far) {
            faults.push(Fault::new("special_days", "OUT_OF_RANGE", far(day.date)));
        }
        let is_far =
            |closure: &&WrittenClosure| (closure.from < first || closure.until > last) && !before.1.0.contains(closure);
        if let Some(closure) = self.closures.iter().flat_map(|closures| &closures.0).find(is_far) {
            faults.push(Fault::new("closures", "OUT_OF_RANGE", far(closure.from.date_naive())));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn far(date: NaiveDate) -> Text {
    let tr = format!("{date}: bir yıl öncesi ile iki yıl sonrası arasında olmalıdır.");
    let en = format!("{date}: it must be from a year ago to two years ahead.");
    Text { tr: tr.into(), en: en.into() }
}

impl SpecialDays {
    pub(crate) fn by_date(&self) -> BTreeMap<NaiveDate, DayHours> {
        self.0.iter().map(|day| (day.date, day.intervals.clone())).collect()
    }
}

impl Closures {
    pub(crate) fn times(&self) -> Vec<Closure> {
        self.0.iter().map(|closure| Closure { from: closure.from, until: closure.until }).collect()
    }
}

fn check_count(count: usize) -> Result<(), (&'static str, Text)> {
    if count > MOST {
        return Err((
            "TOO_MANY",
            Text::new("Bu liste en çok 100 satır olabilir.", "This list can have at most 100 rows."),
        ));
    }
    Ok(())
}

fn of_week(fault: &InvalidOpeningHours) -> Text {
    let tr = match fault {
        InvalidOpeningHours::UnknownDay(name) => format!("{name:?} haftanın bir günü değil."),
        InvalidOpeningHours::DayTwice(day) => format!("{day} iki kez yazılmış."),
        InvalidOpeningHours::Day(day, fault) => format!("{day}: {}", of_day(fault).tr),
    };
    Text { tr: tr.into(), en: format!("{fault}.").into() }
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

/// Hours of a day as the text that they are parsed from.
mod as_text {
    use contracts::opening_hours::DayHours;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hours: &DayHours, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(hours)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DayHours, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use kit::Field;
    use serde_json::{Value, json};

    use super::*;

    /// What is wrong, or what is stored.
    fn read<T: FieldValue + Serialize>(value: Value) -> Result<Value, String> {
        match serde_json::from_value::<Field<T>>(value).unwrap() {
            Field::Valid(value) => Ok(serde_json::to_value(value).unwrap()),
            Field::Invalid(fault) => Err(fault.text().en.to_string()),
            Field::Absent | Field::Null => Ok(Value::Null),
        }
    }

    #[test]
    fn special_days_are_read_as_they_are_stored_in_order() {
        let days = json!([
            { "date": "2026-12-31", "intervals": ["18:00-04:00", "11:00-14:00"], "note": "Yılbaşı" },
            { "date": "2026-01-01", "intervals": null },
        ]);

        let stored = read::<SpecialDays>(days).unwrap();

        let expected = json!([
            { "date": "2026-01-01", "intervals": "closed", "note": null },
            { "date": "2026-12-31", "intervals": "11:00-14:00, 18:00-04:00", "note": "Yılbaşı" },
        ]);
        assert_eq!(stored, expected);
        assert_eq!(read::<SpecialDays>(stored), Ok(expected));
    }

    #[test]
    fn what_is_wrong_with_a_special_day_is_said_with_its_date() {
        let day = |intervals: &str| json!([{ "date": "2026-01-01", "intervals": intervals }]);

        assert_eq!(
            read::<SpecialDays>(day("11-14")).unwrap_err(),
            "2026-01-01: \"11-14\" is not an interval like 11:00-14:00."
        );
        assert_eq!(
            read::<SpecialDays>(json!([{ "date": "2026-02-30" }])).unwrap_err(),
            "This field has the wrong type."
        );
        let twice = json!([{ "date": "2026-01-01" }, { "date": "2026-01-01" }]);
        assert_eq!(read::<SpecialDays>(twice).unwrap_err(), "A day is given twice.");
        let many: Vec<_> = (0..101).map(|day| json!({ "date": NaiveDate::MIN + chrono::Days::new(day) })).collect();
        assert_eq!(read::<SpecialDays>(json!(many)).unwrap_err(), "This list can have at most 100 rows.");
    }

    #[test]
    fn a_closure_has_a_length() {
        let closure = |until: &str| json!([{ "from": "2026-03-02T12:00:00Z", "until": until, "reason": "Tadilat" }]);

        assert!(read::<Closures>(closure("2026-03-02T15:00:01+03:00")).is_ok());
        assert_eq!(read::<Closures>(closure("2026-03-02T12:00:00Z")).unwrap_err(), "A closure ends before it begins.");
        assert_eq!(read::<Closures>(closure("tomorrow")).unwrap_err(), "This field has the wrong type.");
    }

    #[test]
    fn a_week_says_what_is_wrong_with_it_in_both_languages() {
        let fault = |value: Value| match serde_json::from_value::<Field<WeekInput>>(value).unwrap() {
            Field::Invalid(fault) => (fault.text().tr.to_string(), fault.text().en.to_string()),
            field @ (Field::Absent | Field::Null | Field::Valid(_)) => panic!("{field:?}"),
        };

        let (tr, en) = fault(json!({ "monday": "11:00-14:00, 13:00-15:00" }));
        assert_eq!((tr.as_str(), en.as_str()), ("monday: İki aralık çakışıyor.", "monday: two intervals overlap."));
        assert_eq!(fault(json!({ "someday": "" })).0, "\"someday\" haftanın bir günü değil.");
        assert_eq!(fault(json!({ "monday": 7 })).1, "This field has the wrong type.");
        assert_eq!(fault(json!([])).1, "This field has the wrong type.");
    }
}
