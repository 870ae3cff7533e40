//! What of `cart_order` stands on the board of a restaurant.

use clock::Timestamp;
use contracts::RestaurantId;
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};

use super::order::{Column, Entity, Order, was_placed};

/// The newest orders of the restaurant that move on, up to `limit`, oldest first.
pub(crate) async fn list_open(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    limit: u64,
) -> Result<Vec<Order>> {
    let own = Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(was_placed());
    let newest = own.filter(Column::ClosedAt.is_null()).order_by_desc(Column::Id).limit(limit);
    let mut orders = newest.all(database).await?;
    orders.reverse();
    Ok(orders)
}

/// The orders of the restaurant that have come to their end since then, up to `limit`, the last one first.
pub(crate) async fn list_closed(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Order>> {
    let closed = closed_since(restaurant_id, since).order_by_desc(Column::ClosedAt).limit(limit);
    Ok(closed.all(database).await?)
}

/// How many there are of those.
pub(crate) async fn count_closed(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    since: Timestamp,
) -> Result<u64> {
    Ok(closed_since(restaurant_id, since).count(database).await?)
}

fn closed_since(restaurant_id: RestaurantId, since: Timestamp) -> Select<Entity> {
    let own = Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(was_placed());
    own.filter(Column::ClosedAt.gte(since))
}
