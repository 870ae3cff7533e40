//! The kitchens of a demo: they answer orders and bring them by the steps of an owner, with all that follows from those.
//!
//! They make them in no person's name. By that their steps are known from those that somebody has made by hand, whose order
//! it is then: no kitchen moves it any more.

use std::time::Duration;

use contracts::{OrderActor, OrderId, OrderStatus, RestaurantId, UserId};
use database::WriteTransaction;
use strum::VariantArray;

use super::steps::{self, AskedStep};
use crate::error::CartError;
use crate::model::{KITCHEN_ETA, KITCHEN_WINDOW, Reason, Step, is_turned_down, kitchen_delay, kitchen_step};
use crate::state::Carts;
use crate::store;
use crate::store::order::Order;

/// How often kitchens check for orders.
pub(crate) const KITCHEN_INTERVAL: Duration = Duration::from_secs(1);
/// So many orders are moved by one check.
const BATCH: u64 = 50;
/// One check passes over no more that fail.
const MOST_PASSED: usize = 500;
/// Who runs the restaurant, and no person.
const KITCHEN: (OrderActor, Option<UserId>) = (OrderActor::Owner, None);

/// Goes on with the orders of these restaurants that have stood as they are for long enough, each in a transaction of its
/// own, so that ten replicas make one step. One that fails keeps no other waiting.
pub(crate) async fn work_kitchens(carts: &Carts, restaurants: &[RestaurantId]) -> Result<(), CartError> {
    let (database, now) = (&carts.context.database, carts.context.now());
    let since: Vec<_> =
        OrderStatus::VARIANTS.iter().filter_map(|status| Some((*status, now - kitchen_delay(*status)?))).collect();
    let (mut passed, mut failed) = (Vec::new(), None);
    loop {
        let (known, times) = (passed.len(), (&*since, now + KITCHEN_WINDOW));
        for waiting in store::kitchen::list_waiting(database, (restaurants, &passed), times, BATCH).await? {
            if let Err(error) = go_on(carts, waiting).await {
                passed.push(waiting.0);
                failed = Some(error);
            }
        }
        if passed.len() == known || passed.len() >= MOST_PASSED {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// Makes the next step of the order, if nobody has moved it since it had this version.
async fn go_on(carts: &Carts, (id, version): (OrderId, i64)) -> Result<(), CartError> {
    let tx = steps::begin(carts, id).await?;
    let order = store::order::find(&tx, id).await?;
    let Some(order) = order.filter(|order| order.version == version) else { return Ok(()) };
    let Some(asked) = next_step(&tx, &order).await? else { return Ok(()) };
    if steps::step(&tx, &order, KITCHEN, asked).await?.is_some() {
        tx.commit().await?;
    }
    Ok(())
}

async fn next_step(tx: &WriteTransaction, order: &Order) -> Result<Option<AskedStep>, CartError> {
    let Some(step) = kitchen_step(order.status, order.fulfilment) else { return Ok(None) };
    if step != Step::Accept {
        return Ok(Some(step.into()));
    }
    let is_rejected =
        is_turned_down(order.id) && store::kitchen::has_earlier(tx, order.restaurant_id, order.id).await?;
    Ok(Some(if is_rejected {
        AskedStep { reason: Some(Reason::TooBusy.into()), ..Step::Reject.into() }
    } else {
        AskedStep { eta: Some(KITCHEN_ETA), ..step.into() }
    }))
}
