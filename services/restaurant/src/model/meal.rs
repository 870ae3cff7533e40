//! What is written down of a meal.

use clock::Timestamp;
use contracts::{CategoryId, MealId, MealtimeId, OptionGroupId, Price, ShortText};
use kit::{FieldChange, FieldValue, Text};
use serde::Serialize;

use super::{Allergens, Description, Ids, PictureUrl, Position};

/// A menu of more is read by nobody, and all of it is in each event.
pub(crate) const MOST_MEALS: u64 = 500;

/// What goes well with one meal at most.
pub(crate) const MOST_COMPLEMENTS: usize = 10;

/// What a meal, or anything else on a menu, is called.
pub(crate) type MenuName = ShortText<128>;

/// Which kitchen it is of.
pub(crate) type MealCuisine = ShortText<64>;

/// What goes well with it.
pub(crate) type Complements = Ids<MealId, MOST_COMPLEMENTS>;

/// What is chosen with it.
pub(crate) type MealGroups = Ids<OptionGroupId, 20>;

/// A meal as its restaurant writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MealParts {
    pub(crate) name: MenuName,
    pub(crate) description: Option<Description>,
    pub(crate) price: Price,
    pub(crate) image_url: Option<PictureUrl>,
    pub(crate) cuisine: Option<MealCuisine>,
    pub(crate) is_available: bool,
    pub(crate) complements: Complements,
    pub(crate) category_id: Option<CategoryId>,
    pub(crate) mealtime_id: Option<MealtimeId>,
    pub(crate) groups: MealGroups,
    pub(crate) allergens: Option<Allergens>,
    pub(crate) contains_alcohol: bool,
    pub(crate) contains_pork: bool,
    /// Behind all others where that is not said.
    pub(crate) position: Option<Position>,
}

/// What changes in a meal; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MealChange {
    pub(crate) name: Option<MenuName>,
    pub(crate) description: FieldChange<Description>,
    pub(crate) price: Option<Price>,
    pub(crate) image_url: FieldChange<PictureUrl>,
    pub(crate) cuisine: FieldChange<MealCuisine>,
    pub(crate) complements: Option<Complements>,
    pub(crate) category_id: FieldChange<CategoryId>,
    pub(crate) mealtime_id: FieldChange<MealtimeId>,
    pub(crate) groups: Option<MealGroups>,
    pub(crate) allergens: FieldChange<Allergens>,
    pub(crate) contains_alcohol: Option<bool>,
    pub(crate) contains_pork: Option<bool>,
    pub(crate) position: Option<Position>,
}

/// Whether a meal can be had, as its restaurant switches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Availability {
    /// It can.
    Available,
    /// Not until somebody says so.
    Unavailable,
    /// Not until then.
    SoldOut(SoldOutUntil),
}

/// When what is sold out comes back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoldOutUntil {
    /// At the end of the opening day by the clocks of the restaurant.
    EndOfDay,
    /// At this instant.
    Instant(Timestamp),
}

impl FieldValue for SoldOutUntil {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        if raw == "end_of_day" {
            return Ok(Self::EndOfDay);
        }
        let text = Text::new(
            "Bu alan end_of_day ya da 2026-01-31T20:00:00Z gibi bir zaman olmalıdır.",
            "This field must be end_of_day or a time like 2026-01-31T20:00:00Z.",
        );
        Timestamp::parse(raw).map(Self::Instant).map_err(|(code, _)| (code, text))
    }
}
