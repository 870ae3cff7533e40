//! What a client can ask the diner where a request means one of several things.

use contracts::{MealId, Money, RestaurantId};
use serde::Serialize;

use super::{LineId, Note, Options, PricedCart};

/// Meals of one restaurant are wanted in a cart that has meals of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RestaurantConflict {
    pub(crate) current: ConflictSide,
    pub(crate) wanted: ConflictSide,
    pub(crate) choices: [&'static str; 2],
}

/// A cart that stands there, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConflictSide {
    pub(crate) restaurant_id: RestaurantId,
    /// `None` where nothing is known of the restaurant.
    pub(crate) name: Option<String>,
    pub(crate) item_count: u32,
    pub(crate) subtotal: Money,
}

/// One of several lines of a meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LineChoice {
    pub(crate) line_id: LineId,
    pub(crate) meal_id: MealId,
    pub(crate) quantity: i16,
    pub(crate) note: Note,
    pub(crate) options: Options,
}

impl ConflictSide {
    /// So many units of that restaurant, and what they cost.
    pub(crate) fn of(restaurant_id: RestaurantId, item_count: u32, priced: PricedCart) -> Self {
        let name = priced.restaurant.map(|restaurant| restaurant.name);
        Self { restaurant_id, name, item_count, subtotal: priced.subtotal }
    }
}

impl RestaurantConflict {
    /// What is to be asked.
    pub(crate) fn new(current: ConflictSide, wanted: ConflictSide) -> Self {
        Self { current, wanted, choices: ["replace", "keep"] }
    }
}
