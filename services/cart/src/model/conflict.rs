//! What a client can ask the diner where a request means one of several things.

use contracts::{Money, RestaurantId};
use serde::Serialize;

use super::{KeptLine, LineId, Options, PricedCart};

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

/// One of several lines of a cart, from which a client can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LineChoice {
    pub(crate) line_id: LineId,
    /// As it stands in the cart: in an anonymous one it may be none that we know of meals.
    pub(crate) meal_id: String,
    pub(crate) quantity: u32,
    /// Empty where there is none.
    pub(crate) note: String,
    pub(crate) options: Options,
}

impl From<&KeptLine> for LineChoice {
    fn from(line: &KeptLine) -> Self {
        Self {
            line_id: LineId::of(line.meal_id, &line.options),
            meal_id: line.meal_id.to_string(),
            quantity: line.quantity.unsigned_abs().into(),
            note: line.note.as_str().to_owned(),
            options: line.options.clone(),
        }
    }
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
