//! When a restaurant is open, as its owner writes it down. What follows from it at an instant, `contracts::opening_hours` says.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, Utc};
use clock::Timestamp;
use contracts::opening_hours::{Closure, DayHours, Tz};
use contracts::{OpeningHours, ShortText};
use kit::{Fault, FieldValue, Text, row_at};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LastOrder;

mod sent;

pub(crate) use sent::{SentClosures, SentDays, WeekInput};

/// What is past stays in a list that is sent back whole; what is older, or further ahead, nobody means.
const DAYS_BACK: Days = Days::new(366);
const DAYS_AHEAD: Days = Days::new(2 * 366);

/// Where the clocks of the hours hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeZone(pub(crate) Tz);

/// No time zone has such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownTimeZone;

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
    pub(crate) special_days: Option<SentDays>,
    pub(crate) closures: Option<SentClosures>,
    pub(crate) last_order: Option<LastOrder>,
    pub(crate) time_zone: Option<TimeZone>,
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

impl HoursChange {
    /// What nobody means at `now`: days and closures years away, unless they are among those before.
    pub(crate) fn check(&self, before: (&SpecialDays, &Closures), now: Timestamp) -> Result<(), Vec<Fault>> {
        let (first, last) = (now - DAYS_BACK, now + DAYS_AHEAD);
        let days = first.date_naive()..=last.date_naive();
        let mut faults = Vec::new();
        for (place, day) in self.special_days.iter().flat_map(|SentDays(days)| days).enumerate() {
            if !days.contains(&day.date) && !before.0.0.contains(day) {
                faults.push(far("date").within(&row_at(place)).within("special_days"));
            }
        }
        for (place, closure) in self.closures.iter().flat_map(|SentClosures(closures)| closures).enumerate() {
            if (closure.from < first || closure.until > last) && !before.1.0.contains(closure) {
                let field = if closure.from < first { "from" } else { "until" };
                faults.push(far(field).within(&row_at(place)).within("closures"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn far(field: &'static str) -> Fault {
    let text = Text::new(
        "Bu gün bir yıl öncesi ile iki yıl sonrası arasında olmalıdır.",
        "This day must be from a year ago to two years ahead.",
    );
    Fault::new(field, "OUT_OF_RANGE", text)
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
