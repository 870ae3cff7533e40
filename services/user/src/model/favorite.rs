//! What a user follows.

use std::str::FromStr;

use super::short_text::ShortText;

/// The id of a restaurant or the word for a cuisine; whether there is such a one is the restaurant service's knowledge.
pub(crate) type FavoriteName = ShortText<64>;

/// What kind of thing is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FavoriteKind {
    Restaurant,
    Cuisine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a kind of favourite")]
pub(crate) struct UnknownKind;

impl FavoriteKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Restaurant => "restaurant",
            Self::Cuisine => "cuisine",
        }
    }
}

impl FromStr for FavoriteKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        match word {
            "restaurant" => Ok(Self::Restaurant),
            "cuisine" => Ok(Self::Cuisine),
            _ => Err(UnknownKind),
        }
    }
}
