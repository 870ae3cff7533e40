//! Numbers with both ends.

use kit::{FieldValue, Text};
use serde::Serialize;

/// How many minutes a kitchen needs, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct PrepTime(pub(crate) i16);

/// How many minutes before the close no order is taken any more, 0 to 240.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct LastOrder(pub(crate) i16);

/// How far a restaurant delivers, 1 to 30 000 metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Radius(pub(crate) i32);

/// How many orders a campaign is for, 1 to 1 000 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct TotalLimit(pub(crate) i32);

/// How many orders of one diner a campaign is for, 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct UserLimit(pub(crate) i32);

/// Where in a list something stands, 0 to 10 000; of equal ones the older comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Position(pub(crate) i16);

impl Position {
    /// Behind what stands at `last`.
    pub(crate) fn behind(last: Option<i16>) -> Self {
        Self(last.map_or(0, |last| last.saturating_add(1).min(MOST_POSITION)))
    }
}

const MOST_POSITION: i16 = 10_000;

impl FieldValue for Position {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, MOST_POSITION).map(Self)
    }
}

impl FieldValue for PrepTime {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, 255).map(Self)
    }
}

impl FieldValue for LastOrder {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, 240).map(Self)
    }
}

impl FieldValue for Radius {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 30_000).map(Self)
    }
}

impl FieldValue for TotalLimit {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 1_000_000).map(Self)
    }
}

impl FieldValue for UserLimit {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 1000).map(Self)
    }
}

pub(super) fn in_range<N>(raw: i64, least: N, most: N) -> Result<N, (&'static str, Text)>
where
    N: TryFrom<i64> + Copy + PartialOrd + std::fmt::Display,
{
    let number = N::try_from(raw).ok().filter(|number| (&least..=&most).contains(&number));
    number.ok_or_else(|| {
        let tr = format!("Bu sayı {least} ile {most} arasında olmalıdır.");
        let en = format!("This number must be from {least} to {most}.");
        ("OUT_OF_RANGE", Text { tr: tr.into(), en: en.into() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_taken_and_what_is_beyond_is_refused() {
        assert_eq!((PrepTime::parse(0), PrepTime::parse(255)), (Ok(PrepTime(0)), Ok(PrepTime(255))));
        for raw in [-1, 256, i64::MAX, i64::MIN] {
            assert_eq!(PrepTime::parse(raw).unwrap_err().0, "OUT_OF_RANGE", "{raw}");
        }
        assert_eq!(Radius::parse(0).unwrap_err().0, "OUT_OF_RANGE");
        assert_eq!(Radius::parse(30_000), Ok(Radius(30_000)));
    }
}
