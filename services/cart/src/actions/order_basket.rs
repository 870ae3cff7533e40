//! What is to be ordered: at one restaurant that takes orders for then, with what it costs, and where it goes.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{AddressDetails, MealId, Money, RestaurantId, UserId};
use database::WriteTransaction;

use super::{address, catalog};
use crate::error::{CartError, ChangedPrice, OrderRefusal, UnavailableItem};
use crate::model::{
    Checkout, CheckoutItem, DeliveryCost, Due, DueRefusal, Fulfilment, LineCost, Offer, RestaurantCopy, WantedLine,
    due, price, subtotal,
};
use crate::state::Carts;
use crate::store;

/// Whoever meets a full slot is shown so many others.
const MOST_FREE_SLOTS: usize = 5;
/// And none that is later than this.
const FREE_SLOTS_WINDOW: TimeDelta = TimeDelta::hours(24);

/// What is ordered, at one restaurant that takes orders for then.
pub(super) struct Basket {
    pub(super) restaurant_id: RestaurantId,
    pub(super) restaurant: Arc<RestaurantCopy>,
    pub(super) items: Vec<CheckoutItem>,
    pub(super) lines: Vec<PricedItem>,
    pub(super) due: Due,
    /// The version of the diner's cart of this restaurant, which is empty behind it; `None` where there is none.
    pub(super) cart_version: Option<i64>,
}

/// A line with its price.
pub(super) struct PricedItem {
    pub(super) name: String,
    pub(super) unit: Money,
    pub(super) cost: LineCost,
}

impl Basket {
    pub(super) fn costs(&self) -> Vec<LineCost> {
        self.lines.iter().map(|line| line.cost).collect()
    }
}

/// What is ordered, priced for when it is wanted.
pub(super) async fn basket(
    carts: &Carts,
    tx: &WriteTransaction,
    user_id: UserId,
    checkout: &Checkout,
) -> Result<Basket, CartError> {
    let (restaurant_id, items, wanted_at) = match &checkout.items {
        Some(items) => (restaurant_of(tx, items).await?, items.clone(), checkout.wanted_at),
        None => {
            let (restaurant_id, items, of_lines) = cart_of(tx, user_id).await?;
            (restaurant_id, items, checkout.wanted_at.map_or(of_lines, |at| Ok(Some(at)))?)
        }
    };
    let restaurant_id = restaurant_id.ok_or(OrderRefusal::Empty)?;
    // Whoever sends what to order has mostly filled a cart with it before.
    let cart = store::basket::find(tx, user_id).await?.filter(|cart| cart.restaurant_id == restaurant_id);
    let cart_version = cart.map(|cart| cart.version);
    let restaurant = catalog::find_restaurant_by(carts, tx, restaurant_id).await?;
    let restaurant = restaurant.ok_or(OrderRefusal::RestaurantGone)?;
    let offer = restaurant.offer().ok_or(OrderRefusal::RestaurantGone)?;
    let due = due_at(offer, (tx.now(), wanted_at)).map_err(OrderRefusal::Due);
    // Who is closed is so whatever is sold out; a time that can't be kept is said behind that.
    let due = match due {
        Err(refusal) if refusal.is_of_restaurant() => return Err(refusal.into()),
        due => due,
    };
    let removed = removed_names(tx, restaurant_id, &restaurant, &items).await?;
    let lines = priced((&restaurant, &removed), offer, &items, (wanted_at, tx.now()))?;
    Ok(Basket { restaurant_id, items, lines, due: due?, cart_version, restaurant })
}

/// For when an order is there that is wanted then, or as soon as it can be.
pub(super) fn due_at(offer: &Offer, times: (Timestamp, Option<Timestamp>)) -> Result<Due, DueRefusal> {
    let preparation = TimeDelta::minutes(offer.catalog.prep_time.into());
    due(offer.schedule(), times, preparation, offer.catalog.terms.slot_minutes)
}

/// Whose meals they are: clients of the first platform name no restaurant that there is.
async fn restaurant_of(tx: &WriteTransaction, items: &[CheckoutItem]) -> Result<Option<RestaurantId>, CartError> {
    let meals: Vec<MealId> = items.iter().map(|item| item.meal_id).collect();
    if meals.is_empty() {
        return Ok(None);
    }
    let known = store::meal::list(tx, meals.clone()).await?;
    let known: HashMap<MealId, RestaurantId> =
        known.into_iter().map(|meal| (meal.meal_id, meal.restaurant_id)).collect();
    if let Some(unknown) = meals.iter().find(|meal| !known.contains_key(meal)) {
        return Err(OrderRefusal::UnknownMeal(*unknown).into());
    }
    let mut restaurants: Vec<RestaurantId> = known.into_values().collect();
    restaurants.dedup();
    match restaurants.as_slice() {
        [only] => Ok(Some(*only)),
        _ => Err(OrderRefusal::DifferentRestaurants.into()),
    }
}

async fn cart_of(
    tx: &WriteTransaction,
    user_id: UserId,
) -> Result<(Option<RestaurantId>, Vec<CheckoutItem>, Result<Option<Timestamp>, OrderRefusal>), CartError> {
    let lines = store::line::list(tx, user_id).await?;
    let restaurant_id = lines.first().map(|line| line.restaurant_id);
    // One that is over is refused as too soon: nobody wants yesterday's meal today without saying so.
    let wanted_at = lines.first().and_then(|line| line.schedule_date);
    // An order is there at one time: which of several, nobody guesses.
    let is_one = lines.iter().all(|line| line.schedule_date == wanted_at);
    let wanted_at = if is_one { Ok(wanted_at) } else { Err(OrderRefusal::SeveralTimes) };
    let items = lines.into_iter().map(|line| CheckoutItem {
        meal_id: line.meal_id,
        quantity: line.quantity,
        options: line.options,
        note: line.note,
        expected_price: None,
    });
    Ok((restaurant_id, items.collect(), wanted_at))
}

/// What meals were called that left the menu.
async fn removed_names(
    tx: &WriteTransaction,
    restaurant_id: RestaurantId,
    restaurant: &RestaurantCopy,
    items: &[CheckoutItem],
) -> Result<HashMap<MealId, String>, CartError> {
    let meals = items.iter().map(|item| item.meal_id);
    let missing: Vec<MealId> = meals.filter(|meal| restaurant.meal(*meal).is_none()).collect();
    if missing.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::removed_meal::names(tx, restaurant_id, missing).await?)
}

/// Each item with its price, or all that can't be had.
fn priced(
    (restaurant, removed): (&RestaurantCopy, &HashMap<MealId, String>),
    offer: &Offer,
    items: &[CheckoutItem],
    (wanted_at, now): (Option<Timestamp>, Timestamp),
) -> Result<Vec<PricedItem>, OrderRefusal> {
    let wanted: Vec<WantedLine<'_>> = items
        .iter()
        .map(|item| WantedLine {
            meal_id: Some(item.meal_id),
            options: &item.options,
            quantity: u32::from(item.quantity.unsigned_abs()),
            due: wanted_at,
        })
        .collect();
    let cart = price(Some(restaurant), removed, &wanted, now);
    let (mut lines, mut unavailable) = (Vec::with_capacity(items.len()), Vec::new());
    for (item, line) in items.iter().zip(cart.lines) {
        match line.price {
            Ok(price) => {
                let cost = LineCost { total: price.total, vat_bp: vat_bp(offer, item.meal_id) };
                lines.push(PricedItem { name: line.name.unwrap_or_default(), unit: price.unit, cost });
            }
            Err(reason) => unavailable.push(UnavailableItem { meal_id: item.meal_id, name: line.name, reason }),
        }
    }
    if unavailable.is_empty() { Ok(lines) } else { Err(OrderRefusal::Unavailable(unavailable)) }
}

/// The tax within the price of the meal.
pub(super) fn vat_bp(offer: &Offer, meal_id: MealId) -> u16 {
    let meal = offer.catalog.menu.meals.iter().find(|meal| meal.id == meal_id);
    meal.map_or(contracts::FOOD_VAT_BP, |meal| meal.vat_bp)
}

/// Nothing is ordered that costs more than its diner has seen: in all, or, where that is not said, any of it.
pub(super) fn check_prices(checkout: &Checkout, basket: &Basket, total: Money) -> Result<(), OrderRefusal> {
    let lines = basket.items.iter().zip(&basket.lines).filter_map(|(item, line)| {
        let was = item.expected_price.filter(|expected| *expected != line.unit)?;
        Some(ChangedPrice { meal_id: item.meal_id, was, is: line.unit })
    });
    let lines: Vec<ChangedPrice> = lines.collect();
    let is_dearer = match checkout.expected_total {
        Some(expected) => expected < total,
        None => lines.iter().any(|line| line.was < line.is),
    };
    if is_dearer { Err(OrderRefusal::PriceChanged { expected: checkout.expected_total, total, lines }) } else { Ok(()) }
}

/// Where to, if that is said; the restaurant must deliver there.
pub(super) async fn address(
    tx: &WriteTransaction,
    user_id: UserId,
    checkout: &Checkout,
    offer: &Offer,
) -> Result<Option<AddressDetails>, CartError> {
    if checkout.fulfilment == Fulfilment::Pickup {
        return Ok(None);
    }
    let address = match checkout.address_id {
        Some(id) => Some(store::address::find(tx, id, user_id).await?.ok_or(OrderRefusal::AddressNotFound)?),
        None => store::address::find_default(tx, user_id).await?,
    };
    match &address {
        Some(address) if !offer.delivers_to(address) => Err(OrderRefusal::OutsideArea.into()),
        Some(_) | None => Ok(address),
    }
}

/// What the way costs, where the restaurant takes such an order.
pub(super) fn check_terms(checkout: &Checkout, basket: &Basket, offer: &Offer) -> Result<DeliveryCost, OrderRefusal> {
    let catalog = &offer.catalog;
    if !catalog.terms.payment_methods.contains(&checkout.payment_method) {
        return Err(OrderRefusal::PaymentMethodNotOffered);
    }
    let subtotal = subtotal(&basket.costs()).map_err(|_| OrderRefusal::TooExpensive)?;
    if subtotal < catalog.min_order_kurus {
        return Err(OrderRefusal::MinOrder { least: catalog.min_order_kurus, subtotal });
    }
    Ok(delivery_cost(checkout.fulfilment, offer))
}

/// What the way costs.
pub(super) fn delivery_cost(fulfilment: Fulfilment, Offer { catalog, .. }: &Offer) -> DeliveryCost {
    match fulfilment {
        Fulfilment::Pickup => DeliveryCost::PICKUP,
        Fulfilment::Delivery => DeliveryCost {
            fee: catalog.delivery_fee_kurus,
            free_from: catalog.terms.free_from_kurus,
            vat_bp: catalog.terms.delivery_vat_bp,
        },
    }
}

/// Refuses an order to an address that was just written and is not known here yet.
pub(super) async fn wait_for_address(carts: &Carts, checkout: &Checkout) -> Result<(), CartError> {
    let (Fulfilment::Delivery, Some(id)) = (checkout.fulfilment, checkout.address_id) else { return Ok(()) };
    if address::wait_for_address(carts, id).await? { Ok(()) } else { Err(OrderRefusal::AddressNotKnownYet.into()) }
}

/// The next slots behind a full one in which there is place, and for whose beginning an order can be.
pub(super) async fn free_slots(
    tx: &WriteTransaction,
    offer: Option<&Offer>,
    (restaurant_id, full): (RestaurantId, Timestamp),
    capacity: u16,
) -> Result<Vec<Timestamp>, CartError> {
    let Some(offer) = offer else { return Ok(Vec::new()) };
    let until = full + FREE_SLOTS_WINDOW;
    let taken = store::slot::list_full(tx, restaurant_id, (full, until), capacity).await?;
    let length = TimeDelta::minutes(offer.catalog.terms.slot_minutes.max(1).into());
    let slots = std::iter::successors(Some(full + length), |slot| Some(*slot + length));
    let is_slot = |slot: &Timestamp| due_at(offer, (tx.now(), Some(*slot))).is_ok_and(|due| due.slot_at == *slot);
    let free = slots.take_while(|slot| *slot < until).filter(|slot| is_slot(slot) && !taken.contains(slot));
    Ok(free.take(MOST_FREE_SLOTS).collect())
}
