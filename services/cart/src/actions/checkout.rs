//! Ordering what stands in a cart, or what is sent: once, at the prices that the diner has seen.

use std::sync::Arc;

use axum::http::StatusCode;
use bus::outbox;
use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{AddressDetails, Money, OrderActor, OrderId, OrderStatus, PaymentMethod, UserId};
use database::{DatabaseError, WriteTransaction};
use kit::idempotency::{self, Answer, Begun, Request};

use super::carts::empty_cart;
use super::discount::{Chosen, Discounts, choose};
use super::full_order::{FullOrder, order_changed};
use super::order_basket::{self, Basket};
use super::{live, order_mail, payments};
use crate::error::{CartError, OrderRefusal};
use crate::model::{Checkout, CouponRefusal, OrderCode, OrderCost, PAYMENT_TIMEOUT, PaymentId, SandboxToken, cost};
use crate::sandbox;
use crate::state::Carts;
use crate::store;
use crate::store::order::{Order, OrderEvent, OrderLine};
use crate::store::payment::{Payment, PaymentState};

/// So many orders one account places on a day.
const ORDERS_A_DAY: i64 = 100;
/// And so many wait for its cards at a time.
const MOST_UNPAID: u64 = 3;

/// Who asks for what.
#[derive(Clone, Copy)]
struct Asked<'a> {
    user_id: UserId,
    request: &'a Request,
    checkout: &'a Checkout,
}

/// What has come of a request.
enum Placed {
    /// It is a repeat of one that was answered so.
    Before(Answer),
    /// An order, and the payment that its card is to make.
    Now(Answer, Option<PaymentId>),
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
    answer: impl Fn(&FullOrder) -> Answer,
) -> Result<Answer, CartError> {
    order_basket::wait_for_address(carts, &checkout).await?;
    let asked = Asked { user_id, request: &request, checkout: &checkout };
    let placed = match place(carts, asked, Discounts::All, &answer).await {
        // Whoever typed no code is not refused because what held by itself is used up.
        Err(CartError::CampaignUsedUp) => match place(carts, asked, Discounts::All, &answer).await {
            Err(CartError::CampaignUsedUp) => place(carts, asked, Discounts::ByCode, &answer).await?,
            placed => placed?,
        },
        placed => placed?,
    };
    match placed {
        Placed::Before(before) => Ok(before),
        Placed::Now(first, None) => Ok(first),
        Placed::Now(_, Some(payment_id)) => payments::authorise(carts, payment_id, &request, answer).await,
    }
}

/// Writes the order in one transaction, unless the request is a repeat.
async fn place(
    carts: &Carts,
    asked: Asked<'_>,
    discounts: Discounts,
    answer: &impl Fn(&FullOrder) -> Answer,
) -> Result<Placed, CartError> {
    let Asked { user_id, checkout, .. } = asked;
    let tx = match begin(carts, asked).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) if before.status() == StatusCode::PAYMENT_REQUIRED => {
            return Err(OrderRefusal::PaymentDeclined.into());
        }
        Begun::Answered(before) => return Ok(Placed::Before(before)),
        Begun::Reused => return Err(CartError::KeyReused),
    };
    check_bounds(&tx, user_id, checkout.payment_method).await?;
    let basket = order_basket::basket(carts, &tx, user_id, checkout).await?;
    let offer = basket.restaurant.offer().ok_or(OrderRefusal::RestaurantGone)?;
    let address = order_basket::address(&tx, user_id, checkout, offer).await?;
    let delivery = order_basket::check_terms(checkout, &basket, offer)?;
    let costs = basket.costs();
    let coupon = (checkout.coupon.as_ref(), discounts);
    let chosen = choose(&*tx, (user_id, tx.now()), coupon, (basket.restaurant_id, &costs, delivery)).await?;
    let discount = chosen.as_ref().map(|chosen| &chosen.campaign.body.discount);
    let cost = cost(&costs, delivery, discount).map_err(|_| OrderRefusal::TooExpensive)?;
    order_basket::check_prices(checkout, &basket, cost.total)?;
    let answer_by = basket.due.begins_at + TimeDelta::minutes(offer.catalog.terms.answer_within_minutes.into());
    let (capacity, restaurant) = (offer.catalog.terms.slot_capacity, Arc::clone(&basket.restaurant));
    let from_cart = basket.cart_version.is_some();
    let order = new_order(&tx, user_id, checkout, (&basket, address, &cost, chosen.as_ref(), answer_by));
    let full = write(&tx, order, (basket, cost), checkout.card).await?;
    // The cart of a card that does not pay stays as it is.
    if from_cart && full.payment.is_none() {
        empty_cart(&tx, user_id).await?;
    }
    // Rows that many diners write come last, so that they wait for each other as shortly as can be.
    if let Some((slot_at, capacity)) = full.order.slot_at.zip(capacity) {
        let slot = (full.order.restaurant_id, slot_at);
        if !store::slot::take(&tx, slot, capacity).await? {
            let free = order_basket::free_slots(&tx, restaurant.offer(), slot, capacity).await?;
            return Err(OrderRefusal::SlotFull { free }.into());
        }
    }
    if let Some(Chosen { campaign, nth }) = &chosen
        && !store::campaign::take(&tx, campaign, (user_id, *nth), full.order.id).await?
    {
        let is_coupon = campaign.code.is_some();
        let refusal = || OrderRefusal::Coupon(CouponRefusal::UsedUp).into();
        return Err(if is_coupon { refusal() } else { CartError::CampaignUsedUp });
    }
    let payment_id = full.payment.as_ref().map(|payment| payment.id);
    Ok(Placed::Now(tx.commit(answer(&full)).await?, payment_id))
}

/// Begins the transaction of an order. Requests of one diner wait for each other here, so that two equal ones are one order. Whoever
/// names no request and repeats one whose order has come to its end meanwhile, or with other meals in the cart, wants another.
async fn begin(carts: &Carts, asked: Asked<'_>) -> Result<Begun, CartError> {
    let Asked { user_id, request, checkout } = asked;
    let tx = match store::basket::begin_checkout(&carts.context.database, user_id).await {
        Ok(tx) => tx,
        Err(error) => return Err(refused(carts, user_id, error).await),
    };
    if !request.is_named()
        && let Some(before) = idempotency::find(&tx, request).await?
        && !is_under_way(&tx, &before, checkout).await?
    {
        idempotency::forget(&tx, request).await?;
    }
    Ok(idempotency::begin(tx, Some(request.clone())).await?)
}

/// Whoever has waited too long behind another order of the same diner, which is being written, is answered so. Whatever else keeps
/// the cart, or the whole database, is no order of theirs.
async fn refused(carts: &Carts, user_id: UserId, error: DatabaseError) -> CartError {
    if !error.is_lock_timeout() {
        return error.into();
    }
    match store::basket::is_checked_out(&carts.context.database, user_id).await {
        Ok(true) => OrderRefusal::InProgress.into(),
        Ok(false) => error.into(),
        Err(away) => away.into(),
    }
}

/// Whether the order of an answer moves on, and nothing was put into the cart since.
async fn is_under_way(tx: &WriteTransaction, before: &Answer, checkout: &Checkout) -> Result<bool, CartError> {
    let Some(id) = order_of(before) else { return Ok(false) };
    let Some(order) = store::order::find(tx, id).await?.filter(|order| !order.status.is_terminal()) else {
        return Ok(false);
    };
    if checkout.items.is_some() || order.status == OrderStatus::AwaitingPayment {
        return Ok(true);
    }
    let lines = store::line::list(tx, order.user_id).await?;
    Ok(lines.is_empty() || lines.iter().any(|line| line.created_at <= order.created_at))
}

/// Which order an answer is of.
pub(crate) fn order_of(answer: &Answer) -> Option<OrderId> {
    let body: serde_json::Value = serde_json::from_str(answer.body()).ok()?;
    body["public_id"].as_str()?.parse().ok()
}

/// What one account may leave behind: each order leaves rows for good, and one that waits for a card holds a place in a slot.
async fn check_bounds(tx: &WriteTransaction, user_id: UserId, method: PaymentMethod) -> Result<(), CartError> {
    kit::count_write(tx, "order", user_id, ORDERS_A_DAY).await?.map_err(CartError::TooManyOrders)?;
    if method == PaymentMethod::CreditCard && store::order::count_unpaid(tx, user_id).await? >= MOST_UNPAID {
        return Err(OrderRefusal::TooManyUnpaid.into());
    }
    Ok(())
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
    let is_paid_by_card = checkout.payment_method == PaymentMethod::CreditCard;
    let has_slot = basket.restaurant.offer().is_some_and(|offer| offer.catalog.terms.slot_capacity.is_some());
    Order {
        id: 0,
        public_id: OrderId(tx.sources().uuid()),
        code: OrderCode::random(tx.sources().bytes()),
        user_id,
        restaurant_id: basket.restaurant_id,
        restaurant_name: basket.restaurant.name().to_owned(),
        status: if is_paid_by_card { OrderStatus::AwaitingPayment } else { OrderStatus::Placed },
        version: 1,
        fulfilment: checkout.fulfilment,
        payment_method: checkout.payment_method,
        subtotal_kurus: cost.subtotal,
        discount_kurus: cost.discount,
        delivery_fee_kurus: cost.delivery_fee,
        total_kurus: cost.total,
        vat_kurus: cost.vat,
        coupon_code: chosen.and_then(|chosen| chosen.campaign.code.clone()),
        campaign_id: chosen.map(|chosen| chosen.campaign.id),
        address,
        note: checkout.note.clone(),
        locale: checkout.locale,
        is_asap: due.is_asap,
        target_at: due.target_at,
        slot_at: has_slot.then_some(due.slot_at),
        eta_minutes: None,
        answer_by,
        due_at: Some(if is_paid_by_card { now + PAYMENT_TIMEOUT } else { answer_by }),
        due_attempts: 0,
        reason: None,
        reason_text: None,
        delays: 0,
        cart_version: basket.cart_version,
        created_at: now,
        accepted_at: None,
        closed_at: None,
        changed_at: now,
    }
}

/// Writes the order with its lines and its first step, and records it for others.
async fn write(
    tx: &WriteTransaction,
    order: Order,
    (basket, cost): (Basket, OrderCost),
    card: SandboxToken,
) -> Result<FullOrder, CartError> {
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
        reason_text: None,
        at: tx.now(),
    };
    store::order::insert_event(tx, placed.clone()).await?;
    outbox::record(tx, &order_changed(&order, None, OrderActor::Diner)).await?;
    live::report(tx, &order);
    order_mail::record(tx, None, &order).await?;
    let is_paid_by_card = order.status == OrderStatus::AwaitingPayment;
    let payment = if is_paid_by_card { Some(begin_payment(tx, &order, card).await?) } else { None };
    Ok(FullOrder { order, lines, events: vec![placed], payment })
}

async fn begin_payment(tx: &WriteTransaction, order: &Order, token: SandboxToken) -> Result<Payment, CartError> {
    let payment = Payment {
        id: PaymentId(tx.sources().uuid()),
        order_id: order.id,
        provider: sandbox::NAME.to_owned(),
        token,
        amount_kurus: order.total_kurus,
        state: PaymentState::Authorising,
        captured_kurus: Money::ZERO,
        refunding_kurus: Money::ZERO,
        refunded_kurus: Money::ZERO,
        created_at: tx.now(),
        expires_at: tx.now() + PAYMENT_TIMEOUT,
    };
    payments::begin(tx, &payment).await?;
    Ok(payment)
}
