//! What a merge has taken out of an anonymous cart, and what of the cart is left behind it.

use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{MealId, RestaurantId};
use serde::{Deserialize, Serialize};

use super::cart::{AnonymousCart, CartLine};
use crate::model::{GuestLine, KeptLine, MergeId, Note, Options, Quantity};

/// The units that went into the cart of a user, and of which cart they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// Peers keep it with each write, so it parts the cart from the one that is left, and from another that came behind it.
    created_at: Timestamp,
    lines: Vec<TakenLine>,
    /// What is done with a cart of which nothing is left.
    #[serde(default)]
    rest: Rest,
}

/// What becomes of a cart of which nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rest {
    /// Its key goes.
    #[default]
    Gone,
    /// It stays as an empty one. Where a merge was undone, a key that is gone would look as if nothing had gone back there.
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TakenLine {
    meal_id: String,
    options: Options,
    quantity: u32,
}

contracts::json_column!(Taken);

impl Taken {
    /// The same cart, of which nothing goes: it becomes another one.
    pub(crate) fn nothing(self) -> Self {
        Self { lines: Vec::new(), ..self }
    }

    pub(super) fn leaves(&self, left: &AnonymousCart) -> bool {
        !left.lines.is_empty() || self.rest == Rest::Empty
    }
}

impl AnonymousCart {
    /// What can go into the cart of a user: the lines of its first restaurant. A peer may leave those of another behind them.
    pub(crate) fn guest_lines(&self) -> Vec<GuestLine> {
        let Some(restaurant_id) = self.restaurant_id().and_then(|id| id.parse::<RestaurantId>().ok()) else {
            return Vec::new();
        };
        self.of_restaurant()
            .map(|line| GuestLine {
                wanted: line.quantity,
                line: KeptLine {
                    restaurant_id,
                    meal_id: MealId::of_first_platform(&line.meal_id),
                    options: line.options.clone(),
                    quantity: Quantity::cut(line.quantity.into()).unwrap_or_default().0,
                    note: line.note.as_deref().map(Note::cut).unwrap_or_default(),
                    schedule_date: line.schedule_date,
                    created_at: line.created_at,
                },
            })
            .collect()
    }

    /// The same as what is to go from here.
    pub(crate) fn taken(&self, rest: Rest) -> Taken {
        let line = |line: &CartLine| TakenLine {
            meal_id: line.meal_id.clone(),
            options: line.options.clone(),
            quantity: line.quantity,
        };
        Taken { created_at: self.created_at, lines: self.of_restaurant().map(line).collect(), rest }
    }

    pub(super) fn of_restaurant(&self) -> impl Iterator<Item = &CartLine> {
        let restaurant_id = self.restaurant_id().unwrap_or_default();
        self.lines.iter().filter(move |line| line.restaurant_id.eq_ignore_ascii_case(restaurant_id))
    }

    /// The cart without what the merge has taken; `None` where that is gone already.
    pub(super) fn without(
        &self,
        (merge_id, taken): (MergeId, &Taken),
        (now, nonce): (Timestamp, &str),
    ) -> Option<Self> {
        let merge = merge_id.0.to_string();
        if self.created_at != taken.created_at || self.merged.as_ref() == Some(&merge) {
            return None;
        }
        let mut left = self.clone();
        for gone in &taken.lines {
            if let Some(line) = left.lines.iter_mut().find(|line| line.is_same(&gone.meal_id, &gone.options)) {
                line.quantity = line.quantity.saturating_sub(gone.quantity);
            }
        }
        left.lines.retain(|line| line.quantity > 0);
        // From now on it is another cart, also for a peer that drops the name of the merge.
        left.created_at = now.max(self.created_at) + TimeDelta::microseconds(1);
        left.updated_at = left.created_at;
        left.version = left.version.saturating_add(1);
        nonce.clone_into(&mut left.nonce);
        left.merged = Some(merge);
        Some(left)
    }
}
