//! What cards pay: held when somebody orders, taken when the restaurant says yes, let go or given back when the order comes to
//! nothing.
//!
//! A movement of money is a row that is written with its cause. No provider is asked within a transaction; one that has not
//! answered is never taken for one that has refused, and is asked again only when it has never heard of it.

use std::time::Duration;

use axum::http::StatusCode;
use contracts::{Money, OrderActor, OrderId, OrderStatus, UserId};
use database::WriteTransaction;
use futures_util::future::join_all;
use kit::idempotency::{self, Answer, Begun, Request};

use super::carts::empty_cart;
use super::full_order::{FullOrder, complete};
use super::movements::{of_order, want, write};
use super::steps::{self, AskedStep};
use crate::error::{CartError, OrderRefusal};
use crate::model::{MovementKind, PaymentId, Step, backoff};
use crate::sandbox::{Answered, Found, FoundState, Notice, Outcome};
use crate::state::Carts;
use crate::store;
use crate::store::order::Order;
use crate::store::payment::{Movement, MovementState, Payment, PaymentState};

/// Whoever has claimed a movement has gone on with it by then, or died.
pub(super) const CLAIM_TTL: Duration = Duration::from_secs(10);
/// How long an order whose time is over waits for a provider that does not answer, and how often that is asked.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
const SILENCE_INTERVAL: Duration = Duration::from_secs(30);

/// What a provider says of a payment that it is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    No,
    /// Whoever pays has to say yes first.
    Asks,
    /// The provider has never heard of it.
    Missing,
    /// Nobody knows yet.
    Unknown,
}

/// The movement with which a payment begins, which is asked for right after the commit.
pub(super) async fn begin(tx: &WriteTransaction, payment: &Payment) -> Result<(), CartError> {
    store::payment::insert(tx, payment.clone()).await?;
    let wanted = Movement::wanted(tx, payment, 1, MovementKind::Authorise, payment.amount_kurus);
    let sent = Movement {
        state: MovementState::Sent,
        sent_at: Some(tx.now()),
        tries: 1,
        next_at: Some(tx.now() + CLAIM_TTL),
        ..wanted
    };
    Ok(store::payment::insert_movement(tx, sent).await?)
}

/// Asks the provider to hold the money of an order that was just written, and answers the order as it is then. What was kept as
/// the answer to `request` is replaced by that; a card that was declined is reported again only to a client that names its request.
pub(super) async fn authorise(
    carts: &Carts,
    id: PaymentId,
    request: &Request,
    answer: impl Fn(&FullOrder) -> Answer,
) -> Result<Answer, CartError> {
    let payment = find(carts, id).await?;
    let Answered { outcome, notices } = carts.sandbox.authorise(id, payment.amount_kurus, payment.token).await;
    for notice in notices {
        // The outcome says as much.
        if let Err(error) = receive_notice(carts, &notice.signature, notice.body.as_bytes()).await {
            tracing::warn!(%error, payment_id = %id, "a notice could not be heard");
        }
    }
    let held = match outcome {
        Outcome::Done => Held::Yes,
        Outcome::Declined(_) => Held::No,
        Outcome::RedirectNeeded => Held::Asks,
        Outcome::Unknown => Held::Unknown,
    };
    let (tx, payment, order) = begin_of(carts, id).await?;
    if matches!(held, Held::Missing | Held::Unknown) {
        check_later(&tx, &payment).await?;
    }
    let order = conclude_hold(&tx, payment, order, held).await?;
    let full = complete(&tx, vec![order]).await?.pop().ok_or(CartError::OrderNotFound)?;
    let is_declined = full.order.status == OrderStatus::PaymentFailed;
    let status = if is_declined { StatusCode::PAYMENT_REQUIRED } else { StatusCode::OK };
    let answered = answer(&full).with_status(status);
    if is_declined && !request.is_named() {
        idempotency::forget(&tx, request).await?;
    } else {
        idempotency::replace(&tx, request, &answered).await?;
    }
    tx.commit().await?;
    if is_declined { Err(OrderRefusal::PaymentDeclined.into()) } else { Ok(answered) }
}

/// Whoever pays has come back from the provider's page: what it says of the payment counts, and nothing else.
pub(crate) async fn complete_payment(carts: &Carts, id: PaymentId) -> Result<(), CartError> {
    let held = match find(carts, id).await?.state {
        PaymentState::RedirectNeeded => match carts.sandbox.complete(id).await {
            Outcome::Done => Held::Yes,
            Outcome::Declined(_) => Held::No,
            Outcome::RedirectNeeded | Outcome::Unknown => Held::Unknown,
        },
        // What it has not been asked for yet can't be said yes to.
        PaymentState::Authorising
        | PaymentState::Authorised
        | PaymentState::Declined
        | PaymentState::Captured
        | PaymentState::Released => check_hold(carts, id).await,
    };
    let (tx, payment, order) = begin_of(carts, id).await?;
    conclude_hold(&tx, payment, order, held).await?;
    Ok(tx.commit().await?)
}

/// A payment, and the order that it is of, for whoever knows its name: its provider's page, and whoever pays.
pub(crate) async fn show_payment(carts: &Carts, id: PaymentId) -> Result<(Payment, Order), CartError> {
    let payment = find(carts, id).await?;
    let order = store::order::find_by_number(&carts.context.database, payment.order_id).await?;
    Ok((payment, order.ok_or(CartError::PaymentNotFound)?))
}

/// The provider reports a payment by itself. What it says is looked up, once for each notice; false where it is not the
/// provider's.
pub(crate) async fn receive_notice(carts: &Carts, signature: &str, body: &[u8]) -> Result<bool, CartError> {
    let Some(Notice { event_id, payment_id }) = carts.sandbox.verify(signature, body) else { return Ok(false) };
    if store::payment::find(&carts.context.database, payment_id).await?.is_none() {
        return Ok(true);
    }
    let held = check_hold(carts, payment_id).await;
    if held == Held::Unknown {
        return Err(CartError::ProviderSilent);
    }
    let (tx, payment, order) = begin_of(carts, payment_id).await?;
    if store::payment::hear_notice(&tx, crate::sandbox::NAME, event_id).await? {
        conclude_hold(&tx, payment, order, held).await?;
        tx.commit().await?;
    }
    Ok(true)
}

/// What the sandbox reports late comes by this way, as a provider elsewhere would post it.
pub(crate) async fn hear_late_notices(carts: &Carts) -> Result<(), CartError> {
    let notices = carts.sandbox.catch_up().await?;
    let heard = notices.iter().map(|notice| receive_notice(carts, &notice.signature, notice.body.as_bytes()));
    join_all(heard).await.into_iter().try_for_each(|heard| heard.map(|_| ()))
}

/// Gives back some of what was taken, for admins, once for each `request`.
pub(crate) async fn refund(
    carts: &Carts,
    admin: UserId,
    (id, request): (OrderId, Request),
    amount: Option<Money>,
    answer: impl Fn(&FullOrder) -> Answer,
) -> Result<Answer, CartError> {
    let tx = steps::begin(carts, id).await?;
    let tx = match idempotency::begin(tx, Some(request)).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(CartError::KeyReused),
    };
    let order = store::order::find(&*tx, id).await?.ok_or(CartError::OrderNotFound)?;
    let payment = of_order(&*tx, &order).await?.ok_or(CartError::NothingToRefund)?;
    let amount = amount.unwrap_or(left_of(&payment));
    // All of it is on its way back already.
    let movements = store::payment::list_movements(&*tx, payment.id).await?;
    let is_released = movements.iter().any(|movement| movement.kind == MovementKind::Release);
    if is_released || amount == Money::ZERO || !store::payment::begin_refund(&tx, payment.id, amount).await? {
        return Err(CartError::NothingToRefund);
    }
    want(&tx, &payment, MovementKind::Refund, amount).await?;
    tracing::info!(%admin, order_id = %id, kurus = amount.kurus(), "an admin gives money back");
    let full = complete(&*tx, vec![order]).await?.pop().ok_or(CartError::OrderNotFound)?;
    Ok(tx.commit(answer(&full)).await?)
}

/// What an order that waits for a card does when its time has come: whoever was not heard of is asked first.
pub(super) async fn expire(carts: &Carts, order: &Order) -> Result<(), CartError> {
    let payment = of_order(&carts.context.database, order).await?.ok_or(CartError::PaymentNotFound)?;
    let held = check_hold(carts, payment.id).await;
    let (tx, payment, order) = begin_of(carts, payment.id).await?;
    // Whoever has paid at the last moment is not to suffer because the provider does not answer.
    let is_waiting = order.status == OrderStatus::AwaitingPayment;
    if is_waiting && held == Held::Unknown && tx.now() < payment.expires_at + SILENCE_TIMEOUT {
        store::order::postpone(&tx, order.id, tx.now() + SILENCE_INTERVAL).await?;
        return Ok(tx.commit().await?);
    }
    let order = conclude_hold(&tx, payment, order, held).await?;
    if order.status == OrderStatus::AwaitingPayment {
        steps::step(&tx, &order, (OrderActor::System, None), AskedStep::from(Step::FailPayment)).await?;
    }
    Ok(tx.commit().await?)
}

/// What is not given back yet, nor on its way.
pub(super) fn left_of(payment: &Payment) -> Money {
    let mut back = [payment.refunded_kurus, payment.refunding_kurus].into_iter();
    back.try_fold(payment.captured_kurus, Money::checked_sub).unwrap_or_default()
}

pub(super) async fn check_hold(carts: &Carts, id: PaymentId) -> Held {
    match carts.sandbox.check(id).await {
        None => Held::Unknown,
        Some(None) => Held::Missing,
        Some(Some(Found { state: FoundState::Authorised, .. })) => Held::Yes,
        Some(Some(Found { state: FoundState::Declined | FoundState::Voided, .. })) => Held::No,
        Some(Some(Found { state: FoundState::Pending, .. })) => Held::Asks,
    }
}

/// Writes what the provider says of the money that it was to hold, if that is not known yet; all that follows for the order comes
/// with it. Answers the order as it is then.
pub(super) async fn conclude_hold(
    tx: &WriteTransaction,
    payment: Payment,
    order: Order,
    held: Held,
) -> Result<Order, CartError> {
    match payment.state {
        PaymentState::Authorising | PaymentState::RedirectNeeded => {}
        // It was given up and has come to the provider after all.
        PaymentState::Declined if held == Held::Yes => {
            let payment = Payment { state: PaymentState::Authorised, ..payment };
            write(tx, payment.clone()).await?;
            want(tx, &payment, MovementKind::Release, payment.amount_kurus).await?;
            return Ok(order);
        }
        PaymentState::Declined | PaymentState::Authorised | PaymentState::Captured | PaymentState::Released => {
            return Ok(order);
        }
    }
    let (state, of_movement) = match held {
        Held::Yes => (PaymentState::Authorised, MovementState::Done),
        Held::No => (PaymentState::Declined, MovementState::Declined),
        // The call was answered; whoever pays comes back by itself, or the order's time comes.
        Held::Asks => (PaymentState::RedirectNeeded, MovementState::Done),
        Held::Missing | Held::Unknown => return Ok(order),
    };
    for movement in store::payment::list_movements(tx, payment.id).await? {
        if movement.kind == MovementKind::Authorise {
            let ended = Movement { state: of_movement, next_at: None, claim: None, ..movement };
            store::payment::update_movement(tx, ended).await?;
        }
    }
    let payment = Payment { state, ..payment };
    write(tx, payment.clone()).await?;
    let by_system = (OrderActor::System, None);
    match (state, order.status) {
        (PaymentState::Authorised, OrderStatus::AwaitingPayment) => {
            let paid = steps::step(tx, &order, by_system, AskedStep::from(Step::Pay)).await?.unwrap_or(order);
            empty_if_same(tx, &paid).await?;
            Ok(paid)
        }
        // Whoever has ordered called it off meanwhile, or its time was over.
        (PaymentState::Authorised, _) => {
            want(tx, &payment, MovementKind::Release, payment.amount_kurus).await?;
            Ok(order)
        }
        (PaymentState::Declined, OrderStatus::AwaitingPayment) => {
            Ok(steps::step(tx, &order, by_system, AskedStep::from(Step::FailPayment)).await?.unwrap_or(order))
        }
        (_, _) => Ok(order),
    }
}

/// The provider has not said whether it holds the money: it is asked again after a while.
pub(super) async fn check_later(tx: &WriteTransaction, payment: &Payment) -> Result<(), CartError> {
    let movements = store::payment::list_movements(tx, payment.id).await?;
    let open = movements.into_iter().find(|it| it.kind == MovementKind::Authorise && it.state == MovementState::Sent);
    if let Some(movement) = open {
        let next_at = Some(tx.now() + backoff(movement.tries));
        store::payment::update_movement(tx, Movement { next_at, claim: None, ..movement }).await?;
    }
    Ok(())
}

/// Empties the cart that the order was made of, unless it has changed since.
async fn empty_if_same(tx: &WriteTransaction, order: &Order) -> Result<(), CartError> {
    let Some(version) = order.cart_version else { return Ok(()) };
    let basket = store::basket::find(tx, order.user_id).await?;
    if basket.is_some_and(|basket| basket.version == version) {
        empty_cart(tx, order.user_id).await?;
    }
    Ok(())
}

pub(super) async fn find(carts: &Carts, id: PaymentId) -> Result<Payment, CartError> {
    store::payment::find(&carts.context.database, id).await?.ok_or(CartError::PaymentNotFound)
}

/// Begins a transaction that has the order of the payment to itself, and its diner's cart.
pub(super) async fn begin_of(carts: &Carts, id: PaymentId) -> Result<(WriteTransaction, Payment, Order), CartError> {
    let database = &carts.context.database;
    let payment = find(carts, id).await?;
    let order = store::order::find_by_number(database, payment.order_id).await?.ok_or(CartError::PaymentNotFound)?;
    let tx = begin_both(carts, order.user_id, order.public_id).await?;
    let payment = store::payment::find(&tx, id).await?.ok_or(CartError::PaymentNotFound)?;
    let order = store::order::find(&tx, order.public_id).await?.ok_or(CartError::PaymentNotFound)?;
    Ok((tx, payment, order))
}

async fn begin_both(carts: &Carts, user_id: UserId, id: OrderId) -> Result<WriteTransaction, CartError> {
    let names = vec![format!("cart {user_id}"), steps::subject(id)];
    Ok(carts.context.database.begin_locked_each(names).await?)
}
