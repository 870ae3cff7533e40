//! Which orders in `cart_order` are shown to who watches, and which have changed lately.

use clock::Timestamp;
use contracts::{OrderId, RestaurantId, UserId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, FromQueryResult, QueryOrder, QuerySelect, SelectModel, Selector};

use super::order::{Column, Entity, Order, was_placed};
use crate::model::{Audience, MOST_SHOWN, SHOWN_WINDOW};

/// An order, as far as those who watch have to know whether it has changed.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct WatchedOrder {
    pub(crate) id: i64,
    pub(crate) public_id: OrderId,
    pub(crate) user_id: UserId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) version: i64,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) changed_at: Timestamp,
}

/// The orders that are shown to the audience: those that move, and then those that came to their end lately, newest first.
pub(crate) async fn list_shown(
    database: &impl Connection,
    audience: Audience,
    now: Timestamp,
) -> Result<Vec<WatchedOrder>> {
    let own = match audience {
        Audience::Diner(user_id) => Entity::find().filter(Column::UserId.eq(user_id)),
        Audience::Kitchen(restaurant_id) => {
            let own = Entity::find().filter(Column::RestaurantId.eq(restaurant_id));
            own.filter(was_placed())
        }
    };
    let open = own.clone().filter(Column::ClosedAt.is_null()).order_by_desc(Column::Id).limit(MOST_SHOWN);
    let closed = own.filter(Column::ClosedAt.gt(now - SHOWN_WINDOW)).order_by_desc(Column::ClosedAt).limit(MOST_SHOWN);
    let mut shown = watched(open).all(database).await?;
    let closed = watched(closed).all(database).await?;
    // One that came to its end between both.
    shown.retain(|order| closed.iter().all(|closed| closed.id != order.id));
    shown.extend(closed);
    shown.truncate(usize::try_from(MOST_SHOWN).unwrap_or(usize::MAX));
    Ok(shown)
}

/// These orders, as far as there are such.
pub(crate) async fn list(database: &impl Connection, ids: Vec<OrderId>) -> Result<Vec<Order>> {
    Ok(Entity::find().filter(Column::PublicId.is_in(ids)).all(database).await?)
}

/// Up to `limit` orders that have changed since then and behind that one, the longest unchanged first. What a clock dates beyond
/// `until` was ahead, and is not read again and again.
pub(crate) async fn list_changed(
    database: &impl Connection,
    ((since, after), until): ((Timestamp, i64), Timestamp),
    limit: u64,
) -> Result<Vec<WatchedOrder>> {
    let same_instant = Column::ChangedAt.eq(since).and(Column::Id.gt(after));
    let changed = Entity::find().filter(Column::ChangedAt.gt(since).or(same_instant));
    // What the index finds begins there.
    let changed = changed
        .filter(Column::ChangedAt.between(since, until))
        .order_by_asc(Column::ChangedAt)
        .order_by_asc(Column::Id);
    Ok(watched(changed.limit(limit)).all(database).await?)
}

fn watched(orders: Select<Entity>) -> Selector<SelectModel<WatchedOrder>> {
    let of_order = [Column::Id, Column::PublicId, Column::UserId, Column::RestaurantId];
    let of_state = [Column::Version, Column::ClosedAt, Column::ChangedAt];
    orders.select_only().columns(of_order).columns(of_state).into_model()
}
