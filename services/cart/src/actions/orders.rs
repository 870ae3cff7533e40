//! Orders that were placed: reading them, and the steps that they make.

use std::collections::HashMap;
use std::time::Duration;

use bus::outbox;
use clock::Timestamp;
use contracts::{OrderActor, OrderId, OrderStatus, RestaurantId, Role, UserId};
use database::{Connection, WriteTransaction};
use kit::PageRequest;

use super::catalog;
use super::checkout::{FullOrder, order_changed};
use crate::error::CartError;
use crate::model::{CANCEL_WINDOW, DELIVERY_TIMEOUT, Step};
use crate::state::Carts;
use crate::store;
use crate::store::order::{Order, OrderEvent, OrderStep};

/// How often it is looked after orders that move by themselves.
pub(crate) const DUE_INTERVAL: Duration = Duration::from_secs(1);
/// So many of them are moved by one look.
const BATCH: u64 = 50;

/// Somebody who reads or moves orders, with the role of the token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mover {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
}

/// A step that somebody wants an order to make.
#[derive(Debug, Clone)]
pub(crate) struct AskedStep {
    pub(crate) step: Step,
    pub(crate) reason: Option<String>,
    /// How long the restaurant says that it takes.
    pub(crate) eta_minutes: Option<i16>,
}

/// One more of the user's orders than a page has, newest first.
pub(crate) async fn list_orders(
    carts: &Carts,
    user_id: UserId,
    page: &PageRequest<i64>,
) -> Result<Vec<FullOrder>, CartError> {
    let database = &carts.context.database;
    let before = page.after.map(|cursor| cursor.0);
    let orders = store::order::list_of_user(database, user_id, before, page.limit + 1).await?;
    Ok(complete(database, orders).await?)
}

/// The order, for whoever may see it: its diner, who runs the restaurant, and admins.
pub(crate) async fn find_order(carts: &Carts, mover: Mover, id: OrderId) -> Result<FullOrder, CartError> {
    let database = &carts.context.database;
    let order = store::order::find(database, id).await?.ok_or(CartError::OrderNotFound)?;
    role_in(carts, database, mover, &order).await?;
    complete(database, vec![order]).await?.pop().ok_or(CartError::OrderNotFound)
}

/// Lets the order make a step. One that it has made already by the same hand is answered as it is.
pub(crate) async fn step_order(
    carts: &Carts,
    mover: Mover,
    id: OrderId,
    asked: AskedStep,
) -> Result<FullOrder, CartError> {
    let tx = begin_step(carts, id).await?;
    let order = store::order::find(&tx, id).await?.ok_or(CartError::OrderNotFound)?;
    let actor = role_in(carts, &tx, mover, &order).await?;
    let made = step(&tx, &order, (actor, Some(mover.user_id)), asked.clone()).await?;
    if made.is_none() && !is_made_by(&tx, &order, actor, asked.step).await? {
        return Err(CartError::OrderChanged(order.status));
    }
    let after = made.unwrap_or(order);
    let full = complete(&*tx, vec![after]).await?.pop().ok_or(CartError::OrderNotFound)?;
    tx.commit().await?;
    Ok(full)
}

/// Moves the orders whose time has come: each in a transaction of its own, so that ten replicas make one step.
pub(crate) async fn step_due(carts: &Carts) -> Result<(), CartError> {
    let (database, now) = (&carts.context.database, carts.context.now());
    for order in store::order::list_due(database, now, BATCH).await? {
        let (step_due, reason) = match order.status {
            OrderStatus::Placed => (Step::Reject, Some("no_answer".to_owned())),
            OrderStatus::OnTheWay => (Step::Deliver, None),
            OrderStatus::AwaitingPayment => (Step::FailPayment, None),
            OrderStatus::Accepted
            | OrderStatus::Preparing
            | OrderStatus::Delivered
            | OrderStatus::Rejected
            | OrderStatus::Cancelled
            | OrderStatus::PaymentFailed => continue,
        };
        let tx = begin_step(carts, order.public_id).await?;
        let Some(order) = store::order::find(&tx, order.public_id).await? else { continue };
        if order.due_at.is_none_or(|due_at| due_at > now) {
            continue;
        }
        let asked = AskedStep { step: step_due, reason, eta_minutes: None };
        if step(&tx, &order, (OrderActor::System, None), asked).await?.is_some() {
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Begins a transaction that has the order to itself.
async fn begin_step(carts: &Carts, id: OrderId) -> Result<WriteTransaction, CartError> {
    Ok(carts.context.database.begin_locked(&format!("order {id}")).await?)
}

/// Makes the step with all that follows from it, if the order stands where it may be made from.
async fn step(
    tx: &WriteTransaction,
    before: &Order,
    (actor, actor_id): (OrderActor, Option<UserId>),
    AskedStep { step, reason, eta_minutes }: AskedStep,
) -> Result<Option<Order>, CartError> {
    let now = tx.now();
    let mut from = step.sources(actor).to_vec();
    let is_late = before.accepted_at.is_none_or(|accepted| now > accepted + CANCEL_WINDOW);
    if step == Step::Cancel && actor == OrderActor::Diner && is_late {
        from.retain(|status| *status != OrderStatus::Accepted);
    }
    let due_at = (step == Step::Dispatch).then(|| now + DELIVERY_TIMEOUT);
    let change = OrderStep { from, to: step.target(), due_at, reason: reason.clone(), eta_minutes };
    let Some(after) = store::order::step(tx, before.id, change, now).await? else { return Ok(None) };
    let event = OrderEvent {
        order_id: after.id,
        version: after.version,
        status: after.status,
        actor,
        actor_id,
        reason,
        at: now,
    };
    store::order::insert_event(tx, event).await?;
    outbox::record(tx, &order_changed(&after, Some(before.status), actor)).await?;
    if step.gives_back() {
        if let Some(slot_at) = after.slot_at {
            store::slot::give_back(tx, (after.restaurant_id, slot_at)).await?;
        }
        store::campaign::give_back(tx, after.id).await?;
    }
    Ok(Some(after))
}

/// Whether the last step of the order was this one, by the same kind of hand.
async fn is_made_by(tx: &WriteTransaction, order: &Order, actor: OrderActor, step: Step) -> Result<bool, CartError> {
    if order.status != step.target() {
        return Ok(false);
    }
    let events = store::order::list_events(tx, vec![order.id]).await?;
    Ok(events.last().is_some_and(|last| last.actor == actor))
}

/// As what `mover` comes to the order. To whom it is nothing, it is not there.
async fn role_in(
    carts: &Carts,
    database: &impl Connection,
    mover: Mover,
    order: &Order,
) -> Result<OrderActor, CartError> {
    if mover.role == Role::Admin {
        return Ok(OrderActor::Admin);
    }
    if order.user_id == mover.user_id {
        return Ok(OrderActor::Diner);
    }
    let is_owner = mover.role == Role::Manager && owns(carts, database, mover.user_id, order.restaurant_id).await?;
    if is_owner { Ok(OrderActor::Owner) } else { Err(CartError::OrderNotFound) }
}

async fn owns(
    carts: &Carts,
    database: &impl Connection,
    user_id: UserId,
    restaurant_id: RestaurantId,
) -> Result<bool, CartError> {
    let restaurant = catalog::find_restaurant_by(carts, database, restaurant_id).await?;
    Ok(restaurant.is_some_and(|restaurant| restaurant.owner_id() == Some(user_id)))
}

/// Adds the lines and the steps of each order.
async fn complete(database: &impl Connection, orders: Vec<Order>) -> database::Result<Vec<FullOrder>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
    let (mut lines, mut events) = (HashMap::new(), HashMap::new());
    for line in store::order::list_lines(database, ids.clone()).await? {
        lines.entry(line.order_id).or_insert_with(Vec::new).push(line);
    }
    for event in store::order::list_events(database, ids).await? {
        events.entry(event.order_id).or_insert_with(Vec::new).push(event);
    }
    let full = orders.into_iter().map(|order| FullOrder {
        lines: lines.remove(&order.id).unwrap_or_default(),
        events: events.remove(&order.id).unwrap_or_default(),
        order,
    });
    Ok(full.collect())
}
