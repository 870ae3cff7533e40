//! Reading orders for those who watch them: one that can't be read hides no other.

use std::collections::HashMap;

use contracts::{Locale, OrderId};
use database::{Connection, DatabaseError};

use super::{Render, report_of};
use crate::actions::full_order::{FullOrder, complete};
use crate::live::{LiveOrder, OrderReport};
use crate::model::was_placed;
use crate::state::Carts;
use crate::store;

/// Reads these orders. One that can't be read is left out, and noted, so that it is tried again.
pub(super) async fn read(carts: &Carts, reports: &[OrderReport]) -> database::Result<HashMap<OrderId, FullOrder>> {
    let database = &carts.context.database;
    let ids = reports.iter().map(|report| report.order_id).collect();
    let orders = match read_all(database, ids).await {
        Err(DatabaseError::Unavailable(error)) => return Err(DatabaseError::Unavailable(error)),
        Ok(orders) => orders,
        Err(_) => read_each(carts, reports).await?,
    };
    Ok(orders.into_iter().map(|order| (order.order.public_id, order)).collect())
}

async fn read_each(carts: &Carts, reports: &[OrderReport]) -> database::Result<Vec<FullOrder>> {
    let mut orders = Vec::with_capacity(reports.len());
    for report in reports {
        match read_all(&carts.context.database, vec![report.order_id]).await {
            Err(DatabaseError::Unavailable(error)) => return Err(DatabaseError::Unavailable(error)),
            Ok(order) => orders.extend(order),
            Err(error) if carts.live.note_unreadable(*report) => {
                tracing::error!(%error, order_id = %report.order_id, "an order can't be read; who watches is shown all others");
            }
            Err(error) => tracing::debug!(%error, order_id = %report.order_id, "an order still can't be read"),
        }
    }
    Ok(orders)
}

async fn read_all(database: &impl Connection, ids: Vec<OrderId>) -> database::Result<Vec<FullOrder>> {
    let orders = store::live::list(database, ids).await?;
    complete(database, orders).await
}

/// The order, as it is shown to all who watch it.
pub(super) fn live(order: &FullOrder, render: Render) -> LiveOrder {
    let (tr, en) = (render(order, Locale::Tr), render(order, Locale::En));
    let was_placed = has_come(order);
    LiveOrder { report: report_of(&order.order), was_placed, closed_at: order.order.closed_at, tr, en }
}

/// Whether the order has come to its restaurant.
pub(super) fn has_come(order: &FullOrder) -> bool {
    let history: Vec<_> = order.events.iter().map(|event| event.status).collect();
    was_placed(&history)
}
