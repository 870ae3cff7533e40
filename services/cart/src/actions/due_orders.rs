//! The steps that orders make by themselves as time goes by.
//!
//! One that fails waits ever longer before it is tried again, so that it keeps no other waiting. Orders that wait for a card move
//! by a task of their own, because their provider is asked first, and may be silent.

use std::time::Duration;

use contracts::{OrderActor, OrderId, OrderStatus};
use futures_util::future::join_all;

use super::payments;
use super::steps::{self, AskedStep};
use crate::error::CartError;
use crate::model::{Reason, Step, backoff};
use crate::state::Carts;
use crate::store;

/// How often it is checked which orders move by themselves.
pub(crate) const DUE_INTERVAL: Duration = Duration::from_secs(1);
/// So many of them are moved by one check.
const BATCH: u64 = 50;
/// And so many providers are asked at a time.
const UNPAID_BATCH: u64 = 20;

/// Moves the orders whose time has come, but those that wait for a card: each in a transaction of its own, so that ten replicas
/// make one step.
pub(crate) async fn step_due(carts: &Carts) -> Result<(), CartError> {
    let mut failed = None;
    for (id, attempts) in store::order::list_due(&carts.context.database, carts.context.now(), BATCH).await? {
        let outcome = step_if_due(carts, id).await;
        // One that somebody has locked can't be put off either, and keeps no other waiting.
        failed = or_put_off(carts, (id, attempts), outcome).await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

/// Ends the orders that have waited for a card for too long, unless it has paid after all; some at a time, because a provider that
/// is silent takes its time for each.
pub(crate) async fn expire_unpaid(carts: &Carts) -> Result<(), CartError> {
    let due = store::order::list_unpaid(&carts.context.database, carts.context.now(), UNPAID_BATCH).await?;
    let expired = due.into_iter().map(async |(id, attempts)| {
        let outcome = expire(carts, id).await;
        or_put_off(carts, (id, attempts), outcome).await
    });
    join_all(expired).await.into_iter().collect()
}

async fn step_if_due(carts: &Carts, id: OrderId) -> Result<(), CartError> {
    let tx = steps::begin(carts, id).await?;
    let Some(order) = store::order::find(&tx, id).await? else { return Ok(()) };
    if order.due_at.is_none_or(|due_at| due_at > tx.now()) {
        return Ok(());
    }
    let asked = due_step(order.status).ok_or(CartError::OrderChanged(order.status))?;
    let moved = steps::step(&tx, &order, (OrderActor::System, None), asked).await?;
    moved.ok_or(CartError::OrderChanged(order.status))?;
    Ok(tx.commit().await?)
}

async fn expire(carts: &Carts, id: OrderId) -> Result<(), CartError> {
    let order = store::order::find(&carts.context.database, id).await?;
    match order.filter(|order| order.status == OrderStatus::AwaitingPayment) {
        Some(order) => payments::expire(carts, &order).await,
        None => Ok(()),
    }
}

/// Lets the order wait where its step has failed, which is logged here.
async fn or_put_off(
    carts: &Carts,
    (id, attempts): (OrderId, i16),
    outcome: Result<(), CartError>,
) -> Result<(), CartError> {
    let Err(error) = outcome else { return Ok(()) };
    tracing::warn!(%error, order_id = %id, attempts, "an order does not move by itself; it is tried again");
    let tx = carts.context.database.begin_read_committed().await?;
    store::order::put_off(&tx, id, tx.now() + backoff(attempts.saturating_add(1))).await?;
    Ok(tx.commit().await?)
}

/// What an order does by itself when its time has come.
fn due_step(status: OrderStatus) -> Option<AskedStep> {
    match status {
        OrderStatus::Placed => {
            Some(AskedStep { reason: Some(Reason::NoAnswer.into()), ..AskedStep::from(Step::Reject) })
        }
        OrderStatus::OnTheWay => Some(Step::Deliver.into()),
        OrderStatus::AwaitingPayment
        | OrderStatus::Accepted
        | OrderStatus::Preparing
        | OrderStatus::Delivered
        | OrderStatus::Rejected
        | OrderStatus::Cancelled
        | OrderStatus::PaymentFailed => None,
    }
}
