//! What a user follows.

use std::convert::Infallible;
use std::str::FromStr;

use contracts::{RestaurantId, ShortText, fold};
use strum::{EnumString, IntoStaticStr};

/// The id of a restaurant or the word for a cuisine; whether there is such a one is the restaurant service's knowledge.
pub(crate) type FavoriteName = ShortText<64>;

/// What kind of thing is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum FavoriteKind {
    Restaurant,
    Cuisine,
}

impl FavoriteKind {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What followers are found by: a restaurant's id in its one form, or a cuisine's name folded, because people write it in several
/// ways and no database folds Turkish letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject(String);

/// Some letters fold to several; an index takes no text of any length.
const LONGEST: usize = 128;

impl Subject {
    /// Of what is followed.
    pub(crate) fn of(kind: FavoriteKind, name: &FavoriteName) -> Self {
        match kind {
            FavoriteKind::Restaurant => Self::restaurant(RestaurantId::of_first_platform(name.as_str())),
            FavoriteKind::Cuisine => Self::cuisine(name.as_str()),
        }
    }

    pub(crate) fn restaurant(id: RestaurantId) -> Self {
        Self(id.to_string())
    }

    pub(crate) fn cuisine(name: &str) -> Self {
        Self(fold(name.trim()).chars().take(LONGEST).collect())
    }

    /// The text in columns.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Subject {
    type Err = Infallible;

    fn from_str(stored: &str) -> Result<Self, Infallible> {
        Ok(Self(stored.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cuisine_is_the_same_however_it_is_written() {
        for name in ["Ispanaklı Börek", "ISPANAKLI BÖREK", "ispanakli borek"] {
            assert_eq!(Subject::of(FavoriteKind::Cuisine, &name.parse().unwrap()).as_str(), "ispanakli borek");
        }
        assert_eq!(Subject::cuisine(&"ﷺ".repeat(64)).as_str().chars().count(), LONGEST);
    }

    #[test]
    fn a_restaurant_is_the_same_by_an_id_in_any_form() {
        let id = "018f0000-0000-7000-8000-00000000000a";

        for name in [id.to_owned(), id.to_uppercase(), id.replace('-', "")] {
            assert_eq!(Subject::of(FavoriteKind::Restaurant, &name.parse().unwrap()).as_str(), id);
        }
    }
}
