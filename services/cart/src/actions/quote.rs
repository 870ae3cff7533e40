//! What an order of the cart would cost and when it could be, before anything is ordered.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clock::Timestamp;
use contracts::UserId;

use super::carts::{CurrentCart, current_cart};
use super::catalog;
use super::discount::{Discounts, choose};
use super::order_basket::{delivery_cost, due_at, vat_bp};
use crate::error::{CartError, OrderRefusal};
use crate::model::{CouponCode, CouponRefusal, Fulfilment, LineCost, Offer, OrderCost, RestaurantCopy, cost};
use crate::state::Carts;

/// Nobody plans a meal farther ahead.
const DAYS_AHEAD: i64 = 7;
/// Slots that are shorter are offered as if they were so long: nobody wants to choose among a thousand.
const SHORTEST_STEP: u16 = 15;
const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// What an order would be.
pub(crate) struct Quote {
    pub(crate) cart: CurrentCart,
    pub(crate) restaurant: Arc<RestaurantCopy>,
    pub(crate) cost: OrderCost,
    /// Why the code that was typed gives nothing off.
    pub(crate) coupon_refusal: Option<CouponRefusal>,
    /// The code by which something is given off; `None` where a campaign does it that needs none, or nothing does.
    pub(crate) code: Option<String>,
    /// Whether an order could come now.
    pub(crate) now: Result<(), OrderRefusal>,
    /// For when one can be planned.
    pub(crate) slots: Slots,
}

/// The days and the times of the day at which orders can be planned. Not each time is one of each day.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) days: Vec<NaiveDate>,
    pub(crate) times: Vec<NaiveTime>,
}

/// What the user's cart would cost, by the functions that [`check_out`](super::check_out) asks; `None` while it is empty, or its
/// restaurant is gone. A code that does not hold gives nothing off and is no error.
pub(crate) async fn quote(
    carts: &Carts,
    user_id: UserId,
    (coupon, fulfilment): (Option<&CouponCode>, Fulfilment),
) -> Result<Option<Quote>, CartError> {
    let cart = current_cart(carts, user_id).await?;
    let Some(restaurant_id) = cart.lines.first().map(|line| line.restaurant_id) else { return Ok(None) };
    let Some(restaurant) = catalog::find_restaurant(carts, restaurant_id).await? else { return Ok(None) };
    let Some(offer) = restaurant.offer() else { return Ok(None) };
    let costs = costs(&cart, offer);
    let delivery = delivery_cost(fulfilment, offer);
    let now = carts.context.now();
    let database = &carts.context.database;
    let of = (restaurant_id, costs.as_slice(), delivery);
    let (chosen, coupon_refusal) = match choose(database, (user_id, now), (coupon, Discounts::All), of).await {
        Ok(chosen) => (chosen, None),
        Err(CartError::Order(OrderRefusal::Coupon(refusal))) => {
            (choose(database, (user_id, now), (None, Discounts::All), of).await?, Some(refusal))
        }
        Err(error) => return Err(error),
    };
    let discount = chosen.as_ref().map(|chosen| &chosen.campaign.body.discount);
    let cost = cost(&costs, delivery, discount).map_err(|_| OrderRefusal::TooExpensive)?;
    Ok(Some(Quote {
        cost,
        coupon_refusal,
        code: chosen.and_then(|chosen| chosen.campaign.code),
        now: due_at(offer, (now, None)).map(|_| ()).map_err(OrderRefusal::Due),
        slots: slots(offer, now),
        cart,
        restaurant: Arc::clone(&restaurant),
    }))
}

/// The lines that can be had.
fn costs(cart: &CurrentCart, offer: &Offer) -> Vec<LineCost> {
    let lines = cart.lines.iter().zip(&cart.priced.lines);
    let had = lines.filter_map(|(line, priced)| {
        let price = priced.price.as_ref().ok()?;
        Some(LineCost { total: price.total, vat_bp: vat_bp(offer, line.meal_id) })
    });
    had.collect()
}

fn slots(offer: &Offer, now: Timestamp) -> Slots {
    let zone = offer.time_zone();
    let today = now.with_timezone(&zone).date_naive();
    let step = offer.catalog.terms.slot_minutes.max(SHORTEST_STEP);
    let times: Vec<NaiveTime> = (0..MINUTES_OF_A_DAY).step_by(step.into()).filter_map(time_of).collect();
    let mut slots = Slots::default();
    for day in (0..=DAYS_AHEAD).map(|ahead| today + TimeDelta::days(ahead)) {
        let at = |time: &NaiveTime| day.and_time(*time).and_local_timezone(zone).earliest();
        let is_slot = |time: &&NaiveTime| at(time).is_some_and(|at| due_at(offer, (now, Some(at.to_utc()))).is_ok());
        let of_day: Vec<&NaiveTime> = times.iter().filter(is_slot).collect();
        if of_day.is_empty() {
            continue;
        }
        slots.days.push(day);
        slots.times.extend(of_day);
    }
    slots.times.sort_unstable();
    slots.times.dedup();
    slots
}

fn time_of(minutes: u16) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt((minutes / 60).into(), (minutes % 60).into(), 0)
}
