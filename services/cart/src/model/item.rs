//! What a diner puts into a cart, and changes there.

use clock::Timestamp;
use contracts::{MealId, RestaurantId};
use kit::{FieldChange, FieldValue, Text};

use super::{Note, Options};

/// A cart has no more lines.
pub(crate) const MOST_LINES: usize = 50;
/// A line has no more of its meal.
pub(crate) const MOST_OF_A_LINE: i16 = 99;

/// Why a line does not hold so many.
pub(crate) const QUANTITY_LIMIT: Text =
    Text::new("Bir üründen 1 ile 99 arasında adet olabilir.", "There can be from 1 to 99 of an item.");

/// How many of a meal: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity(pub(crate) i16);

/// What becomes of a cart that has meals of another restaurant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnConflict {
    /// It stays, and the diner is asked.
    #[default]
    Keep,
    /// It is emptied first.
    Replace,
}

/// A line as it is to be, also where it stands already.
#[derive(Debug, Clone)]
pub(crate) struct NewItem {
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) meal_id: MealId,
    /// `None` where the client knows of none; then nothing is chosen, and nothing has to be.
    pub(crate) options: Option<Options>,
    /// In all, not in addition.
    pub(crate) quantity: Quantity,
    pub(crate) note: FieldChange<Note>,
    pub(crate) schedule_date: FieldChange<Timestamp>,
    pub(crate) on_conflict: OnConflict,
}

/// What changes in a line.
#[derive(Debug, Clone)]
pub(crate) struct ItemChange {
    pub(crate) quantity: Option<Quantity>,
    pub(crate) note: FieldChange<Note>,
    pub(crate) schedule_date: FieldChange<Timestamp>,
}

impl Default for Quantity {
    fn default() -> Self {
        Self(1)
    }
}

impl Quantity {
    /// As many as a line may have of what was wanted when there was no limit; `None` where nothing was.
    pub(crate) fn cut(wanted: i64) -> Option<Self> {
        (wanted > 0).then(|| Self(i16::try_from(wanted).map_or(MOST_OF_A_LINE, |wanted| wanted.min(MOST_OF_A_LINE))))
    }
}

impl FieldValue for Quantity {
    type Raw = serde_json::Number;

    fn parse(raw: serde_json::Number) -> Result<Self, (&'static str, Text)> {
        let quantity = raw.as_i64().and_then(|number| i16::try_from(number).ok());
        quantity
            .filter(|number| (1..=MOST_OF_A_LINE).contains(number))
            .map(Self)
            .ok_or(("QUANTITY_LIMIT", QUANTITY_LIMIT))
    }
}

impl FieldValue for OnConflict {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("on_conflict replace ya da keep olmalıdır.", "on_conflict must be replace or keep.");
        match raw.as_str() {
            "replace" => Ok(Self::Replace),
            "keep" => Ok(Self::Keep),
            _ => Err(("ON_CONFLICT_UNKNOWN", text)),
        }
    }
}
