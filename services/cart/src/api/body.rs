//! Carts of users in the shapes of the first platform, with our fields behind.

use chrono::{DateTime, Utc};
use contracts::{MealId, RestaurantId, UserId};
use kit::{BareTime, Claim, Faults, Field, FieldChange, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::CurrentCart;
use crate::error;
use crate::model::{ChosenOption, ItemChange, LineId, NewItem, Note, OnConflict, Options, Quantity, ScheduleDate};
use crate::store::line::Line;

use super::priced::{LinePriceBody, TotalsBody};

/// A meal for the cart.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AddCartItem {
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub(super) user_id: Claim,
    #[serde(default)]
    #[schema(required, value_type = RestaurantId)]
    restaurant_id: Field<RestaurantId>,
    #[serde(default)]
    #[schema(required, value_type = MealId)]
    meal_id: Field<MealId>,
    /// How many in all, not in addition; 1 when left out.
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 99)]
    quantity: Field<Quantity>,
    /// What to ask the kitchen for. Left out, a line that is there keeps its own; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, example = "acılı olsun")]
    note: Field<Note>,
    /// For when it is wanted; without a zone by the clocks of İstanbul. Left out, a line that is there keeps its own; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01-31T18:00:00+03:00")]
    schedule_date: Field<ScheduleDate>,
    /// What is chosen with the meal: with other options it is another line. A client that knows of none leaves it out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ChosenOption>>, max_items = 50)]
    options: Field<Options>,
    /// What becomes of meals of another restaurant that are in the cart: with `keep`, or left out, they stay and the answer is 400.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "replace")]
    on_conflict: Field<OnConflict>,
}

/// What changes in a line; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateCartItem {
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub(super) user_id: Claim,
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 99)]
    quantity: Field<Quantity>,
    /// `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Field<Note>,
    /// `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    schedule_date: Field<ScheduleDate>,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartItem)]
pub(super) struct ItemBody {
    id: i64,
    user_id: UserId,
    restaurant_id: RestaurantId,
    meal_id: MealId,
    quantity: i16,
    #[schema(value_type = String)]
    note: Note,
    schedule_date: Option<DateTime<Utc>>,
    #[schema(value_type = String)]
    created_at: BareTime,
    /// Names the line in paths, where its meal has several.
    line_id: LineId,
    #[schema(value_type = Vec<ChosenOption>)]
    options: Options,
}

/// A line of a cart with what it costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PricedCartItem)]
pub(super) struct PricedItemBody {
    #[serde(flatten)]
    item: ItemBody,
    #[serde(flatten)]
    price: LinePriceBody,
}

/// The caller's cart with what it costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CurrentCart)]
pub(super) struct CurrentCartBody {
    user_id: UserId,
    /// `null` where the cart is empty.
    restaurant_id: Option<RestaurantId>,
    items: Vec<PricedItemBody>,
    /// The sum of all quantities.
    item_count: u32,
    /// `null` where there never was a cart.
    #[schema(value_type = Option<String>)]
    updated_at: Option<BareTime>,
    #[serde(flatten)]
    totals: TotalsBody,
    /// Larger with each change.
    version: i64,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartMessage)]
pub(super) struct MessageBody {
    message: &'static str,
}

impl MessageBody {
    pub(super) fn new(message: &'static str) -> Self {
        Self { message }
    }
}

impl AddCartItem {
    /// The line as it is to be, or every fault.
    pub(super) fn item(self) -> Result<NewItem, Problem> {
        let mut faults = Faults::default();
        let restaurant_id = faults.required("restaurant_id", self.restaurant_id);
        let meal_id = faults.required("meal_id", self.meal_id);
        let quantity = faults.unless_null("quantity", self.quantity).unwrap_or_default();
        let note = faults.change("note", self.note);
        let schedule_date = schedule_date(&mut faults, self.schedule_date);
        let options = faults.unless_null("options", self.options);
        let on_conflict = faults.unless_null("on_conflict", self.on_conflict).unwrap_or_default();
        let (Some(restaurant_id), Some(meal_id)) = (restaurant_id, meal_id) else {
            return Err(error::check(faults).expect_err("a field that is missing left a fault"));
        };
        error::check(faults)?;
        Ok(NewItem { restaurant_id, meal_id, options, quantity, note, schedule_date, on_conflict })
    }
}

impl UpdateCartItem {
    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<ItemChange, Problem> {
        let mut faults = Faults::default();
        let change = ItemChange {
            quantity: faults.unless_null("quantity", self.quantity),
            note: faults.change("note", self.note),
            schedule_date: schedule_date(&mut faults, self.schedule_date),
        };
        error::check(faults)?;
        Ok(change)
    }
}

fn schedule_date(faults: &mut Faults, field: Field<ScheduleDate>) -> FieldChange<DateTime<Utc>> {
    faults.change("schedule_date", field).map(|date| date.0)
}

impl From<Line> for ItemBody {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            line_id: line.line_id(),
            user_id: line.user_id,
            restaurant_id: line.restaurant_id,
            meal_id: line.meal_id,
            quantity: line.quantity,
            note: line.note,
            schedule_date: line.schedule_date,
            created_at: BareTime(line.created_at),
            options: line.options,
        }
    }
}

impl CurrentCartBody {
    pub(super) fn of(user_id: UserId, CurrentCart { basket, lines, priced }: CurrentCart) -> Self {
        let restaurant_id = lines.first().map(|line| line.restaurant_id);
        let (prices, totals) = TotalsBody::of(restaurant_id.map(|id| id.to_string()), priced);
        let (version, updated_at) = basket.map_or((0, None), |basket| (basket.version, Some(basket.updated_at)));
        Self {
            user_id,
            restaurant_id,
            item_count: lines.iter().map(|line| u32::from(line.quantity.unsigned_abs())).sum(),
            items: lines
                .into_iter()
                .zip(prices)
                .map(|(line, price)| PricedItemBody { item: line.into(), price })
                .collect(),
            updated_at: updated_at.map(BareTime),
            totals,
            version,
        }
    }
}
