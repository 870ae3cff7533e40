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
/// One check passes over no more orders that somebody has locked.
pub(super) const MOST_LOCKED: usize = 500;

/// Moves the orders whose time has come, but those that wait for a card: each in a transaction of its own, so that ten replicas
/// make one step. Those that somebody has locked are passed over, and keep no other waiting.
pub(crate) async fn step_due(carts: &Carts) -> Result<(), CartError> {
    let (database, now, mut locked, mut failed) = (&carts.context.database, carts.context.now(), Vec::new(), None);
    loop {
        let known = locked.len();
        for (id, attempts) in store::order::list_due(database, now, &locked, BATCH).await? {
            let outcome = step_if_due(carts, id).await;
            match or_put_off(carts, (id, attempts), outcome).await {
                Ok(Moved::Tried) => {}
                Ok(Moved::Locked) => locked.push(id),
                Err(error) => failed = Some(error),
            }
        }
        if locked.len() == known || locked.len() >= MOST_LOCKED {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// Ends the orders that have waited for a card for too long, unless it has paid after all; some at a time, because a provider that
/// is silent takes its time for each.
pub(crate) async fn expire_unpaid(carts: &Carts) -> Result<(), CartError> {
    let (database, now, mut locked) = (&carts.context.database, carts.context.now(), Vec::new());
    loop {
        let known = locked.len();
        let due = store::order::list_unpaid(database, now, &locked, UNPAID_BATCH).await?;
        let expired = join_all(due.into_iter().map(async |(id, attempts)| {
            let outcome = expire(carts, id).await;
            (id, or_put_off(carts, (id, attempts), outcome).await)
        }));
        let mut failed = None;
        for (id, moved) in expired.await {
            match moved {
                Ok(Moved::Tried) => {}
                Ok(Moved::Locked) => locked.push(id),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if locked.len() == known || locked.len() >= MOST_LOCKED {
            return Ok(());
        }
    }
}

/// What has become of an order whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    /// It has moved, or will be tried again later.
    Tried,
    /// Somebody has it to themselves at this moment.
    Locked,
}

/// Whether nobody has the order to themselves at this moment, so that it can be moved without a wait.
async fn is_free(carts: &Carts, id: OrderId) -> Result<bool, CartError> {
    if carts.context.database.is_locked(&steps::subject(id)).await? {
        return Ok(false);
    }
    let tx = carts.context.database.begin_read_committed().await?;
    let is_free = store::order::try_lock(&tx, id).await?;
    tx.commit().await?;
    Ok(is_free)
}

async fn step_if_due(carts: &Carts, id: OrderId) -> Result<Moved, CartError> {
    if !is_free(carts, id).await? {
        return Ok(Moved::Locked);
    }
    let tx = steps::begin(carts, id).await?;
    let Some(order) = store::order::find(&tx, id).await? else { return Ok(Moved::Tried) };
    if order.due_at.is_none_or(|due_at| due_at > tx.now()) {
        return Ok(Moved::Tried);
    }
    let asked = due_step(order.status).ok_or(CartError::OrderChanged(order.status))?;
    let moved = steps::step(&tx, &order, (OrderActor::System, None), asked).await?;
    moved.ok_or(CartError::OrderChanged(order.status))?;
    tx.commit().await?;
    Ok(Moved::Tried)
}

async fn expire(carts: &Carts, id: OrderId) -> Result<Moved, CartError> {
    if !is_free(carts, id).await? {
        return Ok(Moved::Locked);
    }
    let order = store::order::find(&carts.context.database, id).await?;
    if let Some(order) = order.filter(|order| order.status == OrderStatus::AwaitingPayment) {
        payments::expire(carts, &order).await?;
    }
    Ok(Moved::Tried)
}

/// Lets the order wait where its step has failed, which is logged here. One that somebody has locked after all can't be put off either.
async fn or_put_off(
    carts: &Carts,
    (id, attempts): (OrderId, i16),
    outcome: Result<Moved, CartError>,
) -> Result<Moved, CartError> {
    let error = match outcome {
        Ok(moved) => return Ok(moved),
        Err(error) => error,
    };
    tracing::warn!(%error, order_id = %id, attempts, "an order does not move by itself; it is tried again");
    if error.is_lock_timeout() {
        return Ok(Moved::Locked);
    }
    let tx = carts.context.database.begin_read_committed().await?;
    store::order::put_off(&tx, id, tx.now() + backoff(attempts.saturating_add(1))).await?;
    tx.commit().await?;
    Ok(Moved::Tried)
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
