//! Ordering what stands in a cart, or what is sent: once, at the prices that the diner has seen.

use std::collections::HashMap;
use std::sync::Arc;

use bus::outbox;
use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{
    AddressDetails, AddressId, Locale, MealId, Money, OrderActor, OrderChanged, OrderId, OrderStatus, PaymentMethod,
    RestaurantId, UserId,
};
use database::WriteTransaction;
use kit::idempotency::{self, Answer, Begun, Request};
use serde::Serialize;

use super::catalog;
use crate::error::{CartError, OrderRefusal, UnavailableItem};
use crate::model::{
    CouponCode, CouponRefusal, DeliveryCost, Due, Fulfilment, LineCost, Note, Offer, Options, OrderCode, OrderCost,
    RestaurantCopy, Uses, WantedLine, check_coupon, cost, due, price, subtotal, worth,
};
use crate::state::Carts;
use crate::store;
use crate::store::campaign::Campaign;
use crate::store::order::{Order, OrderEvent, OrderLine};

/// What somebody wants to order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Checkout {
    /// `None` for what stands in the cart.
    pub(crate) items: Option<Vec<CheckoutItem>>,
    pub(crate) payment_method: PaymentMethod,
    pub(crate) coupon: Option<CouponCode>,
    /// The default one when `None`.
    pub(crate) address_id: Option<AddressId>,
    /// As soon as it can be when `None`.
    pub(crate) wanted_at: Option<Timestamp>,
    pub(crate) fulfilment: Fulfilment,
    pub(crate) note: Note,
    /// What the diner has seen.
    pub(crate) expected_total: Option<Money>,
    pub(crate) locale: Locale,
}

/// A meal with its options.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CheckoutItem {
    pub(crate) meal_id: MealId,
    pub(crate) quantity: i16,
    pub(crate) options: Options,
    pub(crate) note: Note,
}

/// An order with its lines and what has become of it.
#[derive(Debug, Clone)]
pub(crate) struct FullOrder {
    pub(crate) order: Order,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) events: Vec<OrderEvent>,
}

/// What is ordered, at one restaurant that takes orders for then.
struct Basket {
    restaurant_id: RestaurantId,
    restaurant: Arc<RestaurantCopy>,
    items: Vec<CheckoutItem>,
    lines: Vec<PricedItem>,
    due: Due,
    /// Whether it stands in the cart, which is empty behind it.
    is_from_cart: bool,
}

/// A line with its price.
struct PricedItem {
    name: String,
    unit: Money,
    cost: LineCost,
}

/// By what an order is given something off.
struct Chosen {
    campaign: Campaign,
    /// Which order of the diner it is for.
    nth: i32,
}

/// Orders what stands in the cart, or what is sent, once for each `request`; answers what was answered first.
///
/// What is refused changes nothing and is not remembered. The reasons come in the order in which a diner can do something about
/// them.
pub(crate) async fn check_out(
    carts: &Carts,
    user_id: UserId,
    request: Request,
    checkout: Checkout,
    answer: impl FnOnce(&FullOrder) -> Answer,
) -> Result<Answer, CartError> {
    // Requests of one diner wait for each other here, so that two equal ones are one order.
    let tx = store::basket::begin_write(&carts.context.database, user_id).await?;
    let tx = match idempotency::begin(tx, Some(request)).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(CartError::KeyReused),
    };
    let basket = basket(carts, &tx, user_id, &checkout).await?;
    let offer = basket.restaurant.offer().ok_or(OrderRefusal::RestaurantGone)?;
    let address = address(&tx, user_id, &checkout, offer).await?;
    let delivery = check_terms(&checkout, &basket, offer)?;
    let costs: Vec<LineCost> = basket.lines.iter().map(|line| line.cost).collect();
    let chosen = choose(&tx, user_id, &checkout, (basket.restaurant_id, &costs, delivery)).await?;
    let discount = chosen.as_ref().map(|chosen| &chosen.campaign.body.discount);
    let cost = cost(&costs, delivery, discount).map_err(|_| OrderRefusal::TooExpensive)?;
    if let Some(expected) = checkout.expected_total.filter(|expected| *expected < cost.total) {
        return Err(OrderRefusal::PriceChanged { expected, total: cost.total }.into());
    }
    let slot_capacity = offer.catalog.terms.slot_capacity;
    let answer_within = TimeDelta::minutes(offer.catalog.terms.answer_within_minutes.into());
    let answer_by = (basket.due.begins_at + answer_within).min(basket.due.target_at);
    let slot = slot_capacity.map(|capacity| ((basket.restaurant_id, basket.due.slot_at), capacity));
    let from_cart = basket.is_from_cart;
    let order = new_order(&tx, user_id, &checkout, (&basket, address, &cost, chosen.as_ref(), answer_by));
    let full = write(&tx, order, basket, cost).await?;
    if from_cart {
        store::line::delete_all(&tx, user_id).await?;
    }
    // Rows that many diners write come last, so that they wait for each other as shortly as can be.
    if let Some((slot, capacity)) = slot
        && !store::slot::take(&tx, slot, capacity).await?
    {
        return Err(OrderRefusal::SlotFull.into());
    }
    if let Some(Chosen { campaign, nth }) = &chosen
        && !store::campaign::take(&tx, campaign, (user_id, *nth), full.order.id).await?
    {
        return Err(OrderRefusal::Coupon(CouponRefusal::UsedUp).into());
    }
    Ok(tx.commit(answer(&full)).await?)
}

/// What is ordered, priced for when it is wanted.
async fn basket(
    carts: &Carts,
    tx: &WriteTransaction,
    user_id: UserId,
    checkout: &Checkout,
) -> Result<Basket, CartError> {
    let (restaurant_id, items) = match &checkout.items {
        Some(items) => (restaurant_of(tx, items).await?, items.clone()),
        None => cart_of(tx, user_id).await?,
    };
    let restaurant_id = restaurant_id.ok_or(OrderRefusal::Empty)?;
    let restaurant = catalog::find_restaurant_by(carts, tx, restaurant_id).await?;
    let restaurant = restaurant.ok_or(OrderRefusal::RestaurantGone)?;
    let offer = restaurant.offer().ok_or(OrderRefusal::RestaurantGone)?;
    let preparation = TimeDelta::minutes(offer.catalog.prep_time.into());
    let slot_minutes = offer.catalog.terms.slot_minutes;
    let due = due(offer.schedule(), (tx.now(), checkout.wanted_at), preparation, slot_minutes);
    let due = due.map_err(OrderRefusal::Due);
    // Who is closed is so whatever is sold out; a time that can't be kept is said behind that.
    let due = match due {
        Err(refusal) if refusal.is_of_restaurant() => return Err(refusal.into()),
        due => due,
    };
    let lines = priced(&restaurant, offer, &items, checkout.wanted_at, tx.now())?;
    Ok(Basket { restaurant_id, items, lines, due: due?, is_from_cart: checkout.items.is_none(), restaurant })
}

/// Whose meals they are: clients of the first platform name no restaurant that there is.
async fn restaurant_of(tx: &WriteTransaction, items: &[CheckoutItem]) -> Result<Option<RestaurantId>, CartError> {
    let meals: Vec<MealId> = items.iter().map(|item| item.meal_id).collect();
    if meals.is_empty() {
        return Ok(None);
    }
    let known = store::meal::list(tx, meals.clone()).await?;
    let known: HashMap<MealId, RestaurantId> = known.into_iter().map(|meal| (meal.meal_id, meal.restaurant_id)).collect();
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
) -> Result<(Option<RestaurantId>, Vec<CheckoutItem>), CartError> {
    let lines = store::line::list(tx, user_id).await?;
    let restaurant_id = lines.first().map(|line| line.restaurant_id);
    let items = lines.into_iter().map(|line| CheckoutItem {
        meal_id: line.meal_id,
        quantity: line.quantity,
        options: line.options,
        note: line.note,
    });
    Ok((restaurant_id, items.collect()))
}

/// Each item with its price, or all that can't be had.
fn priced(
    restaurant: &RestaurantCopy,
    offer: &Offer,
    items: &[CheckoutItem],
    wanted_at: Option<Timestamp>,
    now: Timestamp,
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
    let cart = price(Some(restaurant), &HashMap::new(), &wanted, now);
    let (mut lines, mut unavailable) = (Vec::with_capacity(items.len()), Vec::new());
    for (item, line) in items.iter().zip(cart.lines) {
        match line.price {
            Ok(price) => {
                let meal = offer.catalog.menu.meals.iter().find(|meal| meal.id == item.meal_id);
                let vat_bp = meal.map_or(contracts::FOOD_VAT_BP, |meal| meal.vat_bp);
                let cost = LineCost { total: price.total, vat_bp };
                lines.push(PricedItem { name: line.name.unwrap_or_default(), unit: price.unit, cost });
            }
            Err(reason) => unavailable.push(UnavailableItem { meal_id: item.meal_id, name: line.name, reason }),
        }
    }
    if unavailable.is_empty() { Ok(lines) } else { Err(OrderRefusal::Unavailable(unavailable)) }
}

/// Where to, if that is said; the restaurant must deliver there.
async fn address(
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
fn check_terms(checkout: &Checkout, basket: &Basket, offer: &Offer) -> Result<DeliveryCost, OrderRefusal> {
    let catalog = &offer.catalog;
    if !catalog.terms.payment_methods.contains(&checkout.payment_method) {
        return Err(OrderRefusal::PaymentMethodNotOffered);
    }
    let costs: Vec<LineCost> = basket.lines.iter().map(|line| line.cost).collect();
    let subtotal = subtotal(&costs).map_err(|_| OrderRefusal::TooExpensive)?;
    if subtotal < catalog.min_order_kurus {
        return Err(OrderRefusal::MinOrder { least: catalog.min_order_kurus, subtotal });
    }
    Ok(match checkout.fulfilment {
        Fulfilment::Pickup => DeliveryCost::PICKUP,
        Fulfilment::Delivery => DeliveryCost {
            fee: catalog.delivery_fee_kurus,
            free_from: catalog.terms.free_from_kurus,
            vat_bp: catalog.terms.delivery_vat_bp,
        },
    })
}

/// The coupon, or what gives more off by itself; of two that give as much the coupon.
async fn choose(
    tx: &WriteTransaction,
    user_id: UserId,
    checkout: &Checkout,
    (restaurant_id, costs, delivery): (RestaurantId, &[LineCost], DeliveryCost),
) -> Result<Option<Chosen>, CartError> {
    let subtotal = subtotal(costs).map_err(|_| OrderRefusal::TooExpensive)?;
    let mut best: Option<(Money, Chosen)> = None;
    let mut refusal = checkout.coupon.as_ref().map(|_| CouponRefusal::Unknown);
    let is_asked_for = |campaign: &Campaign| campaign.code.as_deref() == checkout.coupon.as_ref().map(CouponCode::as_str);
    let (asked, others): (Vec<Campaign>, Vec<Campaign>) =
        store::campaign::list(tx, restaurant_id).await?.into_iter().partition(|campaign| {
            checkout.coupon.is_some() && is_asked_for(campaign)
        });
    let automatic = others.into_iter().filter(|campaign| campaign.code.is_none());
    for (campaign, is_coupon) in asked.into_iter().map(|asked| (asked, true)).chain(automatic.map(|other| (other, false))) {
        let (count, last) = store::campaign::count_of(tx, campaign.id, user_id).await?;
        let uses = Uses { in_all: campaign.used, by_this_user: count };
        match check_coupon(&campaign.body, uses, subtotal, tx.now()) {
            Ok(()) => {
                if is_coupon {
                    refusal = None;
                }
                let worth = worth(&campaign.body, subtotal, delivery);
                if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                    best = Some((worth, Chosen { campaign, nth: last + 1 }));
                }
            }
            Err(why) if is_coupon && refusal.is_some() => refusal = Some(why),
            Err(_) => {}
        }
    }
    match (refusal, &checkout.coupon) {
        (Some(CouponRefusal::Unknown), Some(code)) if store::campaign::is_any_called(tx, code.as_str()).await? => {
            Err(OrderRefusal::Coupon(CouponRefusal::OtherRestaurant).into())
        }
        (Some(refusal), _) => Err(OrderRefusal::Coupon(refusal).into()),
        (None, _) => Ok(best.map(|(_, chosen)| chosen)),
    }
}

fn new_order(
    tx: &WriteTransaction,
    user_id: UserId,
    checkout: &Checkout,
    (basket, address, cost, chosen, answer_by): (
        &Basket,
        Option<AddressDetails>,
        &OrderCost,
        Option<&Chosen>,
        Timestamp,
    ),
) -> Order {
    let now = tx.now();
    let due = basket.due;
    let has_slot = basket.restaurant.offer().is_some_and(|offer| offer.catalog.terms.slot_capacity.is_some());
    Order {
        id: 0,
        public_id: OrderId(tx.sources().uuid()),
        code: OrderCode::random(tx.sources().bytes()),
        user_id,
        restaurant_id: basket.restaurant_id,
        restaurant_name: basket.restaurant.name().to_owned(),
        status: OrderStatus::Placed,
        version: 1,
        fulfilment: checkout.fulfilment,
        payment_method: checkout.payment_method,
        subtotal_kurus: cost.subtotal,
        discount_kurus: cost.discount,
        delivery_fee_kurus: cost.delivery_fee,
        total_kurus: cost.total,
        vat_kurus: cost.vat,
        coupon_code: checkout.coupon.as_ref().map(|code| code.as_str().to_owned()),
        campaign_id: chosen.map(|chosen| chosen.campaign.id),
        address,
        note: checkout.note.clone(),
        locale: checkout.locale,
        is_asap: due.is_asap,
        target_at: due.target_at,
        slot_at: has_slot.then_some(due.slot_at),
        eta_minutes: None,
        answer_by,
        due_at: Some(answer_by),
        reason: None,
        created_at: now,
        accepted_at: None,
        closed_at: None,
        changed_at: now,
    }
}

/// Writes the order with its lines and its first step, and records it for others.
async fn write(tx: &WriteTransaction, order: Order, basket: Basket, cost: OrderCost) -> Result<FullOrder, CartError> {
    let order = store::order::insert(tx, order).await?;
    let lines = basket.items.into_iter().zip(basket.lines).zip(&cost.lines).zip(0..);
    let lines: Vec<OrderLine> = lines
        .map(|(((item, priced), share), position)| OrderLine {
            order_id: order.id,
            position,
            meal_id: item.meal_id,
            name: priced.name,
            options: item.options,
            quantity: item.quantity,
            unit_price_kurus: priced.unit,
            total_kurus: priced.cost.total,
            discount_kurus: share.discount,
            vat_bp: i16::try_from(priced.cost.vat_bp).unwrap_or(i16::MAX),
            vat_kurus: share.vat,
            note: item.note,
        })
        .collect();
    store::order::insert_lines(tx, lines.clone()).await?;
    let placed = OrderEvent {
        order_id: order.id,
        version: order.version,
        status: order.status,
        actor: OrderActor::Diner,
        actor_id: Some(order.user_id),
        reason: None,
        at: tx.now(),
    };
    store::order::insert_event(tx, placed.clone()).await?;
    outbox::record(tx, &order_changed(&order, None, OrderActor::Diner)).await?;
    Ok(FullOrder { order, lines, events: vec![placed] })
}

/// What others hear of the order as it is now.
pub(super) fn order_changed(order: &Order, previous: Option<OrderStatus>, by: OrderActor) -> OrderChanged {
    OrderChanged {
        order_id: order.public_id,
        version: order.version,
        status: order.status,
        previous,
        user_id: order.user_id,
        restaurant_id: order.restaurant_id,
        total_kurus: order.total_kurus,
        by,
        reason: order.reason.clone(),
        target_at: order.target_at,
        at: order.changed_at,
    }
}
