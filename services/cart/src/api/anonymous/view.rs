//! An anonymous cart as a client sees it: the fields of the first platform, then what its meals cost now.

use chrono::{DateTime, Utc};
use contracts::RestaurantId;
use kit::BareTime;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions;
use crate::api::priced::{LinePriceBody, TotalsBody};
use crate::error::CartError;
use crate::model::anonymous::{AnonymousCart, CartLine, Changed};
use crate::model::{ChosenOption, LineId, Options, PricedCart, WantedLine};
use crate::state::Carts;

/// A cart of somebody who is not signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnonymousCart)]
pub(in crate::api) struct AnonymousCartBody {
    /// Whoever knows it may read and change the cart.
    #[schema(value_type = uuid::Uuid)]
    cart_id: String,
    /// Whose meals they are; `null` while there are none.
    restaurant_id: Option<String>,
    items: Vec<AnonymousItemBody>,
    /// Units of all lines.
    item_count: u64,
    #[schema(value_type = String)]
    created_at: BareTime,
    #[schema(value_type = String)]
    updated_at: BareTime,
    #[serde(flatten)]
    totals: TotalsBody,
    /// Raised with each change, as long as no peer of the first platform writes; `ETag` names the state in any case.
    version: u64,
    /// When it is gone unless it is written again.
    expires_at: DateTime<Utc>,
}

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnonymousCartItem)]
struct AnonymousItemBody {
    #[schema(value_type = uuid::Uuid)]
    cart_id: String,
    restaurant_id: String,
    meal_id: String,
    quantity: u32,
    note: Option<String>,
    schedule_date: Option<DateTime<Utc>>,
    #[schema(value_type = String)]
    created_at: BareTime,
    /// Names the line among those of the cart; without options it is the meal's id.
    #[schema(value_type = uuid::Uuid)]
    line_id: LineId,
    /// What is chosen with the meal.
    #[schema(value_type = Vec<ChosenOption>)]
    options: Options,
    #[serde(flatten)]
    price: LinePriceBody,
}

impl AnonymousCartBody {
    /// The cart with what it costs now.
    pub(super) async fn of(carts: &Carts, Changed { cart, .. }: &Changed) -> Result<Self, CartError> {
        let restaurant_id: Option<RestaurantId> = cart.restaurant_id().and_then(|id| id.parse().ok());
        let wanted: Vec<WantedLine<'_>> = cart.lines.iter().map(WantedLine::from).collect();
        let priced = actions::catalog::price(carts, restaurant_id, &wanted).await?;
        Ok(Self::priced(cart, priced))
    }

    /// The cart while nothing is known of what it costs.
    pub(super) fn without_prices(Changed { cart, .. }: &Changed) -> Self {
        Self::priced(cart, PricedCart::unknown(cart.lines.len()))
    }

    fn priced(cart: &AnonymousCart, priced: PricedCart) -> Self {
        let restaurant_id = cart.restaurant_id().map(str::to_owned);
        let (prices, totals) = TotalsBody::of(restaurant_id.clone(), priced);
        let cart_id = cart.id.text();
        let items = cart.lines.iter().zip(prices);
        Self {
            items: items.map(|(line, price)| AnonymousItemBody::of(&cart_id, line, price)).collect(),
            cart_id,
            restaurant_id,
            item_count: cart.item_count(),
            created_at: BareTime(cart.created_at),
            updated_at: BareTime(cart.updated_at),
            totals,
            version: cart.version,
            expires_at: cart.expires_at(),
        }
    }
}

impl AnonymousItemBody {
    fn of(cart_id: &str, line: &CartLine, price: LinePriceBody) -> Self {
        Self {
            cart_id: cart_id.to_owned(),
            restaurant_id: line.restaurant_id.clone(),
            meal_id: line.meal_id.clone(),
            quantity: line.quantity,
            note: line.note.clone(),
            schedule_date: line.schedule_date,
            created_at: BareTime(line.created_at),
            line_id: line.id(),
            options: line.options.clone(),
            price,
        }
    }
}
