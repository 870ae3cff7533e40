//! What the parameters of a list are read as.

use contracts::geography::place_key;
use kit::{FieldValue, Text};
use search::{Query, QueryFault};
use strum::EnumString;

use crate::model::{Direction, OwnerFilter, SortColumn, WordSet};

/// Cuisines that are asked for at once.
const MOST_CUISINES: usize = 20;

/// What is to be found; nothing by a text without letters and digits.
#[derive(Debug)]
pub(super) struct SearchText(pub(super) Option<Query>);

/// Any text.
#[derive(Debug)]
pub(super) struct Word(pub(super) String);

/// What the name of a place is compared by.
#[derive(Debug)]
pub(super) struct PlaceKey(pub(super) String);

/// A finite number.
#[derive(Debug)]
pub(super) struct Number(pub(super) f64);

/// Degrees of latitude or longitude, which are ones together alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Degrees(pub(super) f64);

/// A distance.
#[derive(Debug)]
pub(super) struct Metres(pub(super) f64);

#[derive(Debug)]
pub(super) struct Minutes(pub(super) u8);

#[derive(Debug)]
pub(in crate::api) struct Flag(pub(in crate::api) bool);

/// Cuisines of which one is enough.
#[derive(Debug, Default)]
pub(super) struct AnyCuisine(pub(super) Vec<WordSet>);

/// What restaurants can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(super) enum SortBy {
    Rating,
    DeliveryFee,
    PrepTime,
    MinOrder,
    Name,
    CreatedAt,
    Distance,
    Relevance,
}

/// A column and a direction, as the first platform took them for a piece of SQL.
#[derive(Debug)]
pub(super) struct Sort(pub(super) SortColumn, pub(super) Direction);

impl FieldValue for SearchText {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Query::parse(&raw).map(Self).map_err(|fault| match fault {
            QueryFault::TooLong => ("TOO_LONG", TOO_LONG),
            QueryFault::TooManyWords => ("TOO_MANY_WORDS", TOO_MANY_WORDS),
        })
    }
}

impl FieldValue for Word {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self(raw))
    }
}

impl FieldValue for PlaceKey {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self(place_key(&raw)))
    }
}

/// What is no id is nobody's.
impl FieldValue for OwnerFilter {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(raw.parse().map_or(Self::Nobody, Self::Owner))
    }
}

impl FieldValue for Number {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let number = raw.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Self).ok_or(("NUMBER_INVALID", NO_NUMBER))
    }
}

impl FieldValue for Degrees {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Number::parse(raw).map(|Number(degrees)| Self(degrees))
    }
}

impl FieldValue for Metres {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let Number(metres) = Number::parse(raw)?;
        if metres < 0.0 { Err(("OUT_OF_RANGE", NEGATIVE)) } else { Ok(Self(metres)) }
    }
}

impl FieldValue for Minutes {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map(Self).map_err(|_| ("NUMBER_INVALID", NO_NUMBER))
    }
}

impl FieldValue for Flag {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        match raw.as_str() {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            _ => Err(("BOOLEAN_INVALID", NO_FLAG)),
        }
    }
}

impl FieldValue for AnyCuisine {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let named = raw.split(',').map(|cuisine| WordSet::of([cuisine])).filter(|cuisine| !cuisine.is_empty());
        let cuisines: Vec<WordSet> = named.take(MOST_CUISINES + 1).collect();
        if cuisines.len() > MOST_CUISINES { Err(("TOO_MANY", TOO_MANY_CUISINES)) } else { Ok(Self(cuisines)) }
    }
}

impl FieldValue for SortBy {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map_err(|_| ("SORT_UNKNOWN", UNKNOWN_SORT))
    }
}

impl FieldValue for Direction {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(if raw == "desc" { Self::Descending } else { Self::Ascending })
    }
}

impl FieldValue for Sort {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        column_order(&raw).ok_or(("SORT_UNKNOWN", UNKNOWN_SORT))
    }
}

fn column_order(sort: &str) -> Option<Sort> {
    let sort = sort.to_ascii_lowercase();
    let mut words = sort.split_ascii_whitespace();
    let column = match words.next()? {
        "rating_avg" | "rating" => SortColumn::Rating,
        "delivery_fee" => SortColumn::DeliveryFee,
        "prep_time" => SortColumn::PrepTime,
        "min_order_price" | "min_order" => SortColumn::MinOrder,
        "name" => SortColumn::Name,
        "created_at" => SortColumn::CreatedAt,
        _ => return None,
    };
    let direction = match words.next() {
        Some("asc") | None => Direction::Ascending,
        Some("desc") => Direction::Descending,
        Some(_) => return None,
    };
    words.next().is_none().then_some(Sort(column, direction))
}

const TOO_LONG: Text =
    Text::new("Arama metni en çok 200 karakter olabilir.", "A query can have at most 200 characters.");
const TOO_MANY_WORDS: Text = Text::new("Arama metni en çok 12 sözcük olabilir.", "A query can have at most 12 words.");
const TOO_MANY_CUISINES: Text = Text::new("En çok 20 mutfak aranabilir.", "At most 20 cuisines can be asked for.");
const UNKNOWN_SORT: Text = Text::new(
    "rating_avg, delivery_fee, prep_time, min_order_price, name veya created_at ile, ardından asc veya desc yazarak sıralayın.",
    "Sort by rating_avg, delivery_fee, prep_time, min_order_price, name or created_at, followed by asc or desc.",
);
const NO_FLAG: Text = Text::new("Bu değer true ya da false olmalıdır.", "This value must be true or false.");
const NO_NUMBER: Text = Text::new("Bu değer bir sayı olmalıdır.", "This value must be a number.");
const NEGATIVE: Text = Text::new("Uzaklık sıfırdan küçük olamaz.", "A distance can't be less than zero.");
