//! What a cart costs, line by line, and which of its lines can't be had.
//!
//! Pure, and the same for carts of users and of strangers. Prices are those that the restaurant published last.

use std::collections::HashMap;
use std::time::Duration;

use clock::Timestamp;
use contracts::opening_hours::HoursState;
use contracts::pricing::{Moment, PriceRefusal, Selection};
use contracts::{MealId, Money};

use super::catalog::Offer;
use super::{Options, RestaurantCopy};

/// A line of a cart, as far as its price depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedLine<'a> {
    /// `None` where what stands there is the id of nothing.
    pub(crate) meal_id: Option<MealId>,
    pub(crate) options: &'a Options,
    pub(crate) quantity: u32,
    /// For when it is wanted; now when `None`, and when that is over.
    pub(crate) due: Option<Timestamp>,
}

/// A line with its price, or why it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PricedLine {
    /// The last name of the meal that is known.
    pub(crate) name: Option<String>,
    pub(crate) price: Result<LinePrice, Unavailable>,
}

/// What a line costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinePrice {
    pub(crate) unit: Money,
    pub(crate) total: Money,
}

/// Why a line can't be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// Nothing was ever heard of such a meal there.
    UnknownMeal,
    /// The meal, or an option that was chosen, is sold out.
    SoldOut,
    /// The menu has it no more.
    Removed,
    /// The restaurant was deleted, or shows itself to nobody.
    RestaurantGone,
    /// The meal is served at other times.
    MealtimeOver,
    /// Options have to be chosen anew: the meal has others now, or wants more or fewer.
    OptionsInvalid,
    /// What the restaurant offers can't be looked up at the moment.
    PriceUnknown,
}

/// A cart with its prices, its lines in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PricedCart {
    pub(crate) lines: Vec<PricedLine>,
    /// What is known of its restaurant; `None` where nothing is.
    pub(crate) restaurant: Option<RestaurantNow>,
    /// What the available lines cost.
    pub(crate) subtotal: Money,
    /// `None` where the restaurant is gone or unknown; the same for the minimum.
    pub(crate) delivery_fee: Option<Money>,
    pub(crate) min_order: Option<Money>,
    /// How much more it must cost to be ordered.
    pub(crate) missing_for_min_order: Option<Money>,
    /// With the way, where there is anything to bring.
    pub(crate) total: Money,
    pub(crate) unavailable_count: usize,
    /// How old what restaurants publish may be that is not known here; `None` where it can't be known.
    pub(crate) catalog_age: Option<Duration>,
}

/// A restaurant at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RestaurantNow {
    pub(crate) name: String,
    pub(crate) open: bool,
    /// Whether an order could come now: not any more a while before it closes.
    pub(crate) accepts_orders: bool,
    /// When it opens next; `None` while it is open, and if not within 14 days.
    pub(crate) opens_at: Option<Timestamp>,
    pub(crate) orders_paused: bool,
}

impl Unavailable {
    /// The stable word for clients.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::UnknownMeal => "UNKNOWN_MEAL",
            Self::SoldOut => "SOLD_OUT",
            Self::Removed => "REMOVED",
            Self::RestaurantGone => "RESTAURANT_GONE",
            Self::MealtimeOver => "MEALTIME_OVER",
            Self::OptionsInvalid => "OPTIONS_INVALID",
            Self::PriceUnknown => "PRICE_UNKNOWN",
        }
    }
}

impl From<PriceRefusal> for Unavailable {
    fn from(refusal: PriceRefusal) -> Self {
        match refusal {
            PriceRefusal::MealUnavailable | PriceRefusal::OptionUnavailable(_) => Self::SoldOut,
            PriceRefusal::MealtimeOver => Self::MealtimeOver,
            PriceRefusal::OptionUnknown(_)
            | PriceRefusal::TooFewChoices(_)
            | PriceRefusal::TooManyChoices(_)
            | PriceRefusal::PriceChanged(_) => Self::OptionsInvalid,
        }
    }
}

impl PricedCart {
    /// A cart of so many lines whose prices can't be looked up.
    pub(crate) fn unknown(lines: usize) -> Self {
        let line = PricedLine { name: None, price: Err(Unavailable::PriceUnknown) };
        Self {
            lines: vec![line; lines],
            restaurant: None,
            subtotal: Money::ZERO,
            delivery_fee: None,
            min_order: None,
            missing_for_min_order: None,
            total: Money::ZERO,
            unavailable_count: lines,
            catalog_age: None,
        }
    }
}

/// Prices `lines` of the restaurant, of which nothing may be known; `removed` has the last names of meals that its menu lost.
pub(crate) fn price(
    restaurant: Option<&RestaurantCopy>,
    removed: &HashMap<MealId, String>,
    lines: &[WantedLine<'_>],
    now: Timestamp,
) -> PricedCart {
    let mut subtotal = Money::ZERO;
    let mut priced = Vec::with_capacity(lines.len());
    for line in lines {
        let mut line = price_line(restaurant, removed, line, now);
        if let Ok(price) = line.price {
            match subtotal.checked_add(price.total) {
                Some(sum) => subtotal = sum,
                None => line.price = Err(Unavailable::OptionsInvalid),
            }
        }
        priced.push(line);
    }
    let unavailable_count = priced.iter().filter(|line| line.price.is_err()).count();
    let offer = restaurant.and_then(RestaurantCopy::offer);
    let delivery_fee = offer.map(|offer| offer.catalog.delivery_fee_kurus);
    let min_order = offer.map(|offer| offer.catalog.min_order_kurus);
    let way = delivery_fee.filter(|_| unavailable_count < priced.len()).unwrap_or_default();
    PricedCart {
        restaurant: restaurant.map(|restaurant| restaurant_now(restaurant, now)),
        subtotal,
        delivery_fee,
        min_order,
        missing_for_min_order: min_order.map(|min_order| missing(min_order, subtotal)),
        total: subtotal.checked_add(way).unwrap_or(Money::MAX),
        unavailable_count,
        catalog_age: None,
        lines: priced,
    }
}

fn price_line(
    restaurant: Option<&RestaurantCopy>,
    removed: &HashMap<MealId, String>,
    line: &WantedLine<'_>,
    now: Timestamp,
) -> PricedLine {
    let meal = line.meal_id.and_then(|id| restaurant?.meal(id));
    let last_name = line.meal_id.and_then(|id| removed.get(&id)).cloned();
    let name = meal.map(|meal| meal.name.clone()).or(last_name);
    let price = match (restaurant.map(RestaurantCopy::offer), meal) {
        (None, _) => Err(Unavailable::UnknownMeal),
        (Some(None), _) => Err(Unavailable::RestaurantGone),
        (Some(Some(_)), None) if name.is_some() => Err(Unavailable::Removed),
        (Some(Some(_)), None) => Err(Unavailable::UnknownMeal),
        (Some(Some(offer)), Some(meal)) => price_meal(offer, meal.id, line, now),
    };
    PricedLine { name, price }
}

fn price_meal(offer: &Offer, meal_id: MealId, line: &WantedLine<'_>, now: Timestamp) -> Result<LinePrice, Unavailable> {
    let options = line.options.chosen().iter().map(|chosen| (chosen.option_id, chosen.quantity)).collect();
    let moment = Moment { at: line.due.map_or(now, |due| due.max(now)), time_zone: offer.time_zone() };
    let unit = offer.catalog.menu.unit_price(&Selection { meal_id, options, expected: None }, moment)?;
    let total = unit.checked_mul(line.quantity).ok_or(Unavailable::OptionsInvalid)?;
    Ok(LinePrice { unit, total })
}

fn missing(min_order: Money, subtotal: Money) -> Money {
    Money::from_kurus(min_order.kurus() - subtotal.kurus()).unwrap_or_default()
}

fn restaurant_now(restaurant: &RestaurantCopy, now: Timestamp) -> RestaurantNow {
    let name = restaurant.name().to_owned();
    let Some(offer) = restaurant.offer() else {
        return RestaurantNow { name, open: false, accepts_orders: false, opens_at: None, orders_paused: false };
    };
    let orders_paused = offer.is_paused(now);
    match offer.hours(now) {
        HoursState::Open { accepts_orders, .. } => {
            RestaurantNow { name, open: true, accepts_orders, opens_at: None, orders_paused }
        }
        HoursState::Closed { opens_at } => {
            RestaurantNow { name, open: false, accepts_orders: false, opens_at, orders_paused }
        }
    }
}
