//! An anonymous cart and its lines.

use std::time::Duration;

use clock::Timestamp;
use contracts::MealId;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::cart_id::CartId;
use crate::model::{LineChoice, LineId, Options, WantedLine};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a cart is kept after it was written, unless somebody extends it.
pub(crate) const TTL_DAYS: u16 = 30;
/// So many adds of a cart can be repeated without effect.
pub(super) const MAX_DONE: usize = 16;

/// Meals that somebody wants to order who is not signed in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnonymousCart {
    /// What opens it.
    pub(crate) id: CartId,
    /// All of one restaurant, each meal with its options once.
    pub(crate) lines: Vec<CartLine>,
    /// When its first line came.
    pub(crate) created_at: Timestamp,
    /// When it was last written.
    pub(crate) updated_at: Timestamp,
    /// Raised with each change, as long as no peer writes.
    pub(crate) version: u64,
    /// How many days it is kept after each write, if somebody has said so.
    pub(super) extended_days: Option<u16>,
    /// Hashes of the keys of the last adds, so that a repeat adds nothing.
    pub(super) done: Vec<String>,
    /// Random with each write, so that no two writes leave the same bytes.
    pub(super) nonce: String,
    /// The merge that took out what stood here before.
    pub(super) merged: Option<String>,
    /// What neither the first platform nor we know.
    pub(super) others: Map<String, Value>,
}

/// A meal with its options, and how many of it. Its ids are the texts that a client has sent to whichever platform.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CartLine {
    pub(crate) restaurant_id: String,
    pub(crate) meal_id: String,
    pub(crate) options: Options,
    /// At least one.
    pub(crate) quantity: u32,
    pub(crate) note: Option<String>,
    pub(crate) schedule_date: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(super) others: Map<String, Value>,
}

/// What a path calls a line: by its own id, or by its meal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineName(pub(crate) String);

/// Where the line is that somebody means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    At(usize),
    Nowhere,
    /// The meal stands there with several options, and never without.
    Several(Vec<LineChoice>),
}

impl AnonymousCart {
    /// Whose meals they are; `None` while there are none.
    pub(crate) fn restaurant_id(&self) -> Option<&str> {
        self.lines.first().map(|line| line.restaurant_id.as_str())
    }

    /// Units of all lines.
    pub(crate) fn item_count(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }

    /// How long it is kept after a write.
    pub(crate) fn ttl(&self) -> Duration {
        let days = if self.lines.is_empty() { 1 } else { self.extended_days.unwrap_or(TTL_DAYS) };
        DAY * u32::from(days)
    }

    /// When it is gone unless it is written again.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.updated_at + self.ttl()
    }

    pub(super) fn find(&self, LineName(name): &LineName) -> Found {
        let position = |is_meant: &dyn Fn(&CartLine) -> bool| self.lines.iter().position(is_meant);
        let by_id = name.parse().ok().and_then(|id| position(&|line| line.id() == LineId(id)));
        let plain = || position(&|line| line.is_same(name, &Options::default()));
        if let Some(index) = by_id.or_else(plain) {
            return Found::At(index);
        }
        let of_meal = |line: &&CartLine| line.meal_id.eq_ignore_ascii_case(name);
        match self.lines.iter().filter(of_meal).count() {
            0 => Found::Nowhere,
            1 => position(&|line| of_meal(&line)).map_or(Found::Nowhere, Found::At),
            _ => Found::Several(self.lines.iter().filter(of_meal).map(LineChoice::from).collect()),
        }
    }
}

impl CartLine {
    /// The meal, if its id is one that we know of meals.
    pub(crate) fn meal(&self) -> Option<MealId> {
        self.meal_id.parse().ok()
    }

    /// What names it among the lines of its cart.
    pub(crate) fn id(&self) -> LineId {
        let of_text = || MealId(Uuid::new_v5(&Uuid::NAMESPACE_OID, self.meal_id.to_ascii_lowercase().as_bytes()));
        LineId::of(self.meal().unwrap_or_else(of_text), &self.options)
    }

    /// Whether it is this meal with these options.
    pub(super) fn is_same(&self, meal_id: &str, options: &Options) -> bool {
        self.meal_id.eq_ignore_ascii_case(meal_id) && self.options == *options
    }

    /// Takes in another line of the same, which only a peer leaves.
    pub(super) fn absorb(&mut self, other: Self) {
        self.quantity = self.quantity.saturating_add(other.quantity);
        self.note = self.note.take().or(other.note);
        self.schedule_date = self.schedule_date.or(other.schedule_date);
        self.created_at = self.created_at.min(other.created_at);
        for (name, value) in other.others {
            self.others.entry(name).or_insert(value);
        }
    }
}

impl<'a> From<&'a CartLine> for WantedLine<'a> {
    fn from(line: &'a CartLine) -> Self {
        Self { meal_id: line.meal(), options: &line.options, quantity: line.quantity, due: line.schedule_date }
    }
}

impl From<&CartLine> for LineChoice {
    fn from(line: &CartLine) -> Self {
        Self {
            line_id: line.id(),
            meal_id: line.meal_id.clone(),
            quantity: line.quantity,
            note: line.note.clone().unwrap_or_default(),
            options: line.options.clone(),
        }
    }
}
