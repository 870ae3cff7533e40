//! The steps that orders make by themselves as time goes by.

use std::time::Duration;

use contracts::{OrderActor, OrderId, OrderStatus};

use super::payments;
use super::steps::{self, AskedStep};
use crate::error::CartError;
use crate::model::{Reason, Step};
use crate::state::Carts;
use crate::store;

/// How often it is looked after orders that move by themselves.
pub(crate) const DUE_INTERVAL: Duration = Duration::from_secs(1);
/// So many of them are moved by one look.
const BATCH: u64 = 50;

/// Moves the orders whose time has come: each in a transaction of its own, so that ten replicas make one step. One that fails keeps
/// no other waiting.
pub(crate) async fn step_due(carts: &Carts) -> Result<(), CartError> {
    let (database, now) = (&carts.context.database, carts.context.now());
    let mut failed = None;
    for id in store::order::list_due(database, now, BATCH).await? {
        failed = step_if_due(carts, id).await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}

async fn step_if_due(carts: &Carts, id: OrderId) -> Result<(), CartError> {
    if let Some(order) = store::order::find(&carts.context.database, id).await?
        && order.status == OrderStatus::AwaitingPayment
    {
        return payments::expire(carts, &order).await;
    }
    let tx = steps::begin(carts, id).await?;
    let Some(order) = store::order::find(&tx, id).await? else { return Ok(()) };
    if order.due_at.is_none_or(|due_at| due_at > tx.now()) {
        return Ok(());
    }
    let Some(asked) = due_step(order.status) else { return Ok(()) };
    if steps::step(&tx, &order, (OrderActor::System, None), asked).await?.is_some() {
        tx.commit().await?;
    }
    Ok(())
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
