//! Anonymous carts in the shapes of the first platform, and what else there is to say of them.

use chrono::{DateTime, Utc};
use contracts::{MealId, RestaurantId};
use kit::{Faults, Field, FieldChange, FieldValue, IdempotencyKey, Problem, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error;
use crate::model::anonymous::{AddItem, AddKey, AnonymousCart, CartId, LineChange};
use crate::model::{ChosenOption, Note, OnConflict, Options, Quantity, ScheduleDate};

/// More of a meal.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api) struct AddAnonymousItem {
    /// The cart; a new one when left out or `null`.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    cart_id: Field<CartId>,
    /// Whose meal it is.
    #[serde(default)]
    #[schema(required, value_type = RestaurantId)]
    restaurant_id: Field<RestaurantId>,
    /// The meal.
    #[serde(default)]
    #[schema(required, value_type = MealId)]
    meal_id: Field<MealId>,
    /// How many more of it; 1 when left out.
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 99)]
    quantity: Field<Quantity>,
    /// For the kitchen; what stands there stays when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, example = "acısız")]
    note: Field<Note>,
    /// When it is wanted; without a zone by the clocks of İstanbul. What stands there stays when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01-31T18:00:00+03:00")]
    schedule_date: Field<ScheduleDate>,
    /// What is chosen with it. The same meal with other options is another line.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ChosenOption>>, max_items = 50)]
    options: Field<Options>,
}

/// What is new of a line; what is left out or `null` stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api) struct UpdateAnonymousItem {
    /// How many of it.
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 99)]
    quantity: Field<Quantity>,
    /// For the kitchen; an empty one takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, example = "acısız")]
    note: Field<Note>,
    /// When it is wanted; without a zone by the clocks of İstanbul. An empty one takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01-31T18:00:00+03:00")]
    schedule_date: Field<ScheduleDateOrNone>,
}

/// An instant, or none where the text is empty: `null` keeps what stands there, for clients of the first platform.
#[derive(Debug)]
struct ScheduleDateOrNone(FieldChange<ScheduleDate>);

impl FieldValue for ScheduleDateOrNone {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let is_empty = raw.trim().is_empty();
        Ok(Self(if is_empty { FieldChange::Clear } else { FieldChange::Set(ScheduleDate::parse(raw)?) }))
    }
}

/// An id that nobody has.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GeneratedCartId {
    /// Whoever knows it may read and change the cart.
    #[schema(value_type = uuid::Uuid)]
    pub(super) cart_id: String,
    /// That it is new.
    #[schema(example = "New cart ID generated")]
    pub(super) message: &'static str,
}

/// How long the cart is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ExtendedCart {
    /// That it is.
    #[schema(example = "Cart expiry extended by 30 days")]
    pub(super) message: String,
    /// The cart.
    #[schema(value_type = uuid::Uuid)]
    pub(super) cart_id: String,
    /// When it is gone unless it is written again; an empty one is kept for a day.
    pub(super) expires_at: DateTime<Utc>,
}

/// Whether there is such a cart.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct CartValidity {
    /// The cart.
    #[schema(value_type = uuid::Uuid)]
    pub(super) cart_id: String,
    /// Whether there is one that can be read.
    pub(super) is_valid: bool,
    /// Whether anything stands there.
    pub(super) exists: bool,
    /// Units of all lines.
    pub(super) item_count: u64,
    /// Whose meals they are.
    pub(super) restaurant_id: Option<String>,
    /// When it is gone unless it is written again.
    pub(super) expires_at: Option<DateTime<Utc>>,
}

/// Nothing is left to clean up: carts expire by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct CleanedUp {
    /// How much was.
    #[schema(example = "Cleaned up 0 expired carts")]
    pub(super) message: &'static str,
    /// Zeros.
    pub(super) stats: CleanupStats,
}

/// What a client of the first platform expects; all of it is zero.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(in crate::api) struct CleanupStats {
    total_carts: u64,
    active_carts: u64,
    expiring_soon: u64,
    expired_carts: u64,
}

impl CartValidity {
    pub(super) fn of(cart: &AnonymousCart) -> Self {
        Self {
            cart_id: cart.id.text(),
            is_valid: true,
            exists: true,
            item_count: cart.item_count(),
            restaurant_id: cart.restaurant_id().map(str::to_owned),
            expires_at: Some(cart.expires_at()),
        }
    }

    /// There is none, or what `exists` is none.
    pub(super) fn without_cart(id: CartId, exists: bool) -> Self {
        let cart_id = id.text();
        Self { cart_id, is_valid: false, exists, item_count: 0, restaurant_id: None, expires_at: None }
    }
}

impl AddAnonymousItem {
    /// The cart, if one is named, and what comes into it; or every fault.
    pub(super) fn item(self, key: Option<&IdempotencyKey>) -> Result<(Option<CartId>, AddItem), Problem> {
        let mut faults = Faults::default();
        let cart_id = faults.unless_null("cart_id", self.cart_id);
        let restaurant_id = faults.required("restaurant_id", self.restaurant_id);
        let meal_id = faults.required("meal_id", self.meal_id);
        let quantity = faults.unless_null("quantity", self.quantity);
        let note = faults.unless_null("note", self.note);
        let schedule_date = faults.unless_null("schedule_date", self.schedule_date);
        let options = faults.unless_null("options", self.options);
        let (Some(restaurant_id), Some(meal_id)) = (restaurant_id, meal_id) else {
            return Err(error::check(faults).expect_err("a field that is missing left a fault"));
        };
        error::check(faults)?;
        let mut item = AddItem {
            restaurant_id: restaurant_id.to_string(),
            meal_id: meal_id.to_string(),
            options,
            quantity: units(quantity.unwrap_or_default()),
            note,
            schedule_date: schedule_date.map(|ScheduleDate(date)| date),
            on_conflict: OnConflict::Keep,
            key: None,
        };
        item.key = key.map(|key| AddKey::of(key.as_str(), &item));
        Ok((cart_id, item))
    }
}

impl UpdateAnonymousItem {
    /// What is new, or every fault.
    pub(super) fn change(self) -> Result<LineChange, Problem> {
        let mut faults = Faults::default();
        let change = LineChange {
            quantity: faults.unless_null("quantity", self.quantity).map(units),
            note: faults.unless_null("note", self.note),
            schedule_date: faults
                .unless_null("schedule_date", self.schedule_date)
                .map_or(FieldChange::Keep, |ScheduleDateOrNone(change)| change.map(|ScheduleDate(date)| date)),
        };
        error::check(faults)?;
        Ok(change)
    }
}

/// One to 99.
fn units(Quantity(quantity): Quantity) -> u32 {
    quantity.unsigned_abs().into()
}
