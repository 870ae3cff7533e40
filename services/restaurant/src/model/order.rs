//! In which order restaurants are listed. What is not known comes last in either direction, and every order ends in the id.

use std::cmp::Reverse;

use clock::Timestamp;
use contracts::geography::Coordinates;

use super::{Facts, NameKey};

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Order {
    /// With words what fits them best, and then the best rated; without, the best rated and then the newest.
    Best,
    /// By one column; words only filter.
    Column(SortColumn, Direction),
}

/// What can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SortColumn {
    Rating,
    DeliveryFee,
    PrepTime,
    MinOrder,
    Name,
    CreatedAt,
    /// From here.
    Distance(Coordinates),
}

/// The least first, or the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// Where a restaurant stands among others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The rating, and when it was written down.
    Best(Reverse<i32>, Reverse<Timestamp>),
    Number(i64),
    Name(NameKey),
    NameFromTheEnd(Reverse<NameKey>),
    /// Behind all others.
    Unknown,
}

impl Order {
    pub(crate) fn place(self, facts: &Facts) -> Place {
        match self {
            Self::Best => Place::Best(Reverse(facts.rating), Reverse(facts.created_at)),
            Self::Column(SortColumn::Name, Direction::Ascending) => Place::Name(facts.name.clone()),
            Self::Column(SortColumn::Name, Direction::Descending) => Place::NameFromTheEnd(Reverse(facts.name.clone())),
            Self::Column(column, direction) => match (column.number(facts), direction) {
                (None, _) => Place::Unknown,
                (Some(number), Direction::Ascending) => Place::Number(number),
                (Some(number), Direction::Descending) => Place::Number(-number),
            },
        }
    }
}

impl SortColumn {
    /// What is a number of it, if that is known.
    fn number(self, facts: &Facts) -> Option<i64> {
        match self {
            Self::Rating => Some(facts.rating.into()).filter(|rating| *rating > 0),
            Self::DeliveryFee => Some(facts.delivery_fee.kurus()),
            Self::PrepTime => Some(facts.prep_time.into()),
            Self::MinOrder => Some(facts.min_order.kurus()),
            Self::CreatedAt => Some(facts.created_at.timestamp_micros()),
            Self::Distance(from) => facts.coordinates.map(|to| from.distance(to).into()),
            Self::Name => None,
        }
    }
}
