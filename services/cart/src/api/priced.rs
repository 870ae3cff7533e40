//! What carts of users and of strangers say beyond those of the first platform: prices, and what can't be had.

use contracts::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{PricedCart, PricedLine, RestaurantNow};

/// What a line costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CartLinePrice)]
pub(crate) struct LinePriceBody {
    /// The last name of the meal that is known.
    name: Option<String>,
    /// `null` where the line can't be had.
    unit_price: Option<Money>,
    line_total: Option<Money>,
    available: bool,
    /// Why it can't be had: `UNKNOWN_MEAL`, `SOLD_OUT`, `REMOVED`, `RESTAURANT_GONE`, `MEALTIME_OVER` or `OPTIONS_INVALID`; or
    /// `PRICE_UNKNOWN` right after a change, where prices can't be looked up at that moment.
    reason: Option<&'static str>,
}

/// What a cart costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CartTotals)]
pub(crate) struct TotalsBody {
    /// `null` where the cart is empty.
    restaurant: Option<CartRestaurantBody>,
    /// What the lines cost that can be had.
    subtotal: Money,
    /// `null` where the restaurant is gone or not known.
    delivery_fee: Option<Money>,
    min_order: Option<Money>,
    /// How much more the lines must cost.
    missing_for_min_order: Option<Money>,
    /// With the way, where a line can be had.
    total: Money,
    #[schema(example = "TRY")]
    currency: &'static str,
    /// Lines that can't be had.
    unavailable_count: usize,
    /// For how many seconds changes of restaurants may be published and not known here; `null` where it can't be known, and
    /// where the cart is empty.
    catalog_age_s: Option<u64>,
}

/// The restaurant of a cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CartRestaurant)]
pub(crate) struct CartRestaurantBody {
    id: String,
    /// `null` where nothing is known of it.
    name: Option<String>,
    open: bool,
    /// Whether an order could come now: not any more a while before it closes.
    accepts_orders: bool,
    /// When it opens next; `null` while it is open, and if not within 14 days.
    #[schema(value_type = Option<String>)]
    opens_at: Option<chrono::DateTime<chrono::Utc>>,
    orders_paused: bool,
}

impl From<PricedLine> for LinePriceBody {
    fn from(PricedLine { name, price }: PricedLine) -> Self {
        match price {
            Ok(price) => Self {
                name,
                unit_price: Some(price.unit),
                line_total: Some(price.total),
                available: true,
                reason: None,
            },
            Err(reason) => {
                Self { name, unit_price: None, line_total: None, available: false, reason: Some(reason.code()) }
            }
        }
    }
}

impl TotalsBody {
    /// The lines' bodies, in their order, and what they cost together at the restaurant that the cart names.
    pub(crate) fn of(restaurant_id: Option<String>, priced: PricedCart) -> (Vec<LinePriceBody>, Self) {
        let PricedCart { lines, restaurant, subtotal, delivery_fee, min_order, .. } = priced;
        let PricedCart { missing_for_min_order, total, unavailable_count, catalog_age, .. } = priced;
        let totals = Self {
            restaurant: restaurant_id.map(|id| CartRestaurantBody::of(id, restaurant)),
            subtotal,
            delivery_fee,
            min_order,
            missing_for_min_order,
            total,
            currency: "TRY",
            unavailable_count,
            catalog_age_s: catalog_age.map(|age| age.as_secs()),
        };
        (lines.into_iter().map(LinePriceBody::from).collect(), totals)
    }
}

impl CartRestaurantBody {
    fn of(id: String, now: Option<RestaurantNow>) -> Self {
        match now {
            None => Self { id, name: None, open: false, accepts_orders: false, opens_at: None, orders_paused: false },
            Some(RestaurantNow { name, open, accepts_orders, opens_at, orders_paused }) => {
                Self { id, name: Some(name), open, accepts_orders, opens_at, orders_paused }
            }
        }
    }
}
