//! What a user follows.

use contracts::ShortText;
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
