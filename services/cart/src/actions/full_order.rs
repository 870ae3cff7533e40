//! Orders with all that is answered of them, and what others hear.

use std::collections::HashMap;

use contracts::{OrderActor, OrderChanged, OrderStatus};
use database::Connection;

use crate::store;
use crate::store::order::{Order, OrderEvent, OrderLine};
use crate::store::payment::Payment;

/// An order with its lines and what has become of it.
#[derive(Debug, Clone)]
pub(crate) struct FullOrder {
    pub(crate) order: Order,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) events: Vec<OrderEvent>,
    /// What a card pays, where one does.
    pub(crate) payment: Option<Payment>,
}

/// Adds the lines and the steps of each order.
pub(super) async fn complete(database: &impl Connection, orders: Vec<Order>) -> database::Result<Vec<FullOrder>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
    let payments = store::payment::list_of_orders(database, ids.clone()).await?;
    let mut payments: HashMap<i64, _> = payments.into_iter().map(|payment| (payment.order_id, payment)).collect();
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
        payment: payments.remove(&order.id),
        order,
    });
    Ok(full.collect())
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
        reason: order.reason.map(|reason| reason.as_str().to_owned()),
        target_at: order.target_at,
        at: order.changed_at,
    }
}
