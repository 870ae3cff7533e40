//! The hours of a week, in the shape of the first platform: `{"monday":"11:00-14:00, 18:00-02:00"}`.

use std::collections::BTreeMap;
use std::fmt;

use chrono::Weekday;
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::day::{DayHours, InvalidDayHours, beginning};

/// The names of a day: the one that is written, the other full one, and both short ones. All are read, in any case.
const NAMES: [[&str; 4]; 7] = [
    ["monday", "pazartesi", "mon", "pzt"],
    ["tuesday", "salı", "tue", "sal"],
    ["wednesday", "çarşamba", "wed", "çar"],
    ["thursday", "perşembe", "thu", "per"],
    ["friday", "cuma", "fri", "cum"],
    ["saturday", "cumartesi", "sat", "cmt"],
    ["sunday", "pazar", "sun", "paz"],
];

/// The hours of each day of a week. In JSON an object of days; a value is a text, a list of texts, or `null` for a closed day.
/// Days that are left out are closed, and are left out when written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, ToSchema)]
#[schema(value_type = BTreeMap<String, String>, example = json!({ "monday": "11:00-14:00, 18:00-02:00" }))]
pub struct OpeningHours([DayHours; 7]);

/// Why an object is no hours of a week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOpeningHours {
    /// A name of no day.
    #[error("{0:?} is not a day of the week")]
    UnknownDay(String),
    /// One day under two names.
    #[error("{0} is given twice")]
    DayTwice(&'static str),
    /// The hours of this day have a fault.
    #[error("{0}: {1}")]
    Day(&'static str, InvalidDayHours),
}

impl OpeningHours {
    /// The hours that begin on such a day.
    #[must_use]
    pub fn day(&self, day: Weekday) -> &DayHours {
        &self.0[day.num_days_from_monday() as usize]
    }

    /// Whether no day has hours.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.iter().all(DayHours::is_closed)
    }

    /// The day that is called so: in English or Turkish, in full or in three letters, in any case.
    #[must_use]
    pub fn day_named(name: &str) -> Option<Weekday> {
        let name = crate::fold(name.trim());
        let day = NAMES.iter().position(|names| names.iter().any(|known| crate::fold(known) == name))?;
        Weekday::try_from(u8::try_from(day).ok()?).ok()
    }

    /// Has these hours begin on that day, instead of what it had.
    pub fn set_day(&mut self, day: Weekday, hours: DayHours) {
        self.0[day.num_days_from_monday() as usize] = hours;
    }

    /// Reads days with their texts, in any order.
    ///
    /// # Errors
    /// The first fault that is found, with its day.
    pub fn from_days<'a, T>(days: impl IntoIterator<Item = (&'a str, T)>) -> Result<Self, InvalidOpeningHours>
    where
        T: IntoIterator<Item = &'a str>,
    {
        let mut week: [Option<DayHours>; 7] = Default::default();
        for (name, texts) in days {
            let day = Self::day_named(name).ok_or_else(|| InvalidOpeningHours::UnknownDay(beginning(name)))?;
            let day = day.num_days_from_monday() as usize;
            let hours = DayHours::parse_all(texts).map_err(|fault| InvalidOpeningHours::Day(NAMES[day][0], fault))?;
            if week[day].replace(hours).is_some() {
                return Err(InvalidOpeningHours::DayTwice(NAMES[day][0]));
            }
        }
        Ok(Self(week.map(Option::unwrap_or_default)))
    }
}

impl Serialize for OpeningHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let open = || self.0.iter().zip(NAMES).filter(|(hours, _)| !hours.is_closed());
        let mut map = serializer.serialize_map(Some(open().count()))?;
        for (hours, [name, ..]) in open() {
            map.serialize_entry(name, &hours.to_string())?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for OpeningHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Days)
    }
}

/// Reads the object by itself: a map would let one of two equal names win.
struct Days;

impl<'de> Visitor<'de> for Days {
    type Value = OpeningHours;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of days with their hours")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OpeningHours, A::Error> {
        let mut days: Vec<(String, Option<Texts>)> = Vec::new();
        while let Some(day) = map.next_entry()? {
            days.push(day);
        }
        let texts = days.iter().map(|(name, texts)| (name.as_str(), texts.iter().flat_map(Texts::each)));
        OpeningHours::from_days(texts).map_err(de::Error::custom)
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn each(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

impl JsonSchema for OpeningHours {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OpeningHours".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<String, Option<Texts>>::json_schema(generator)
    }
}
