//! Which orders in `cart_order` the kitchens of a demo go on with.

use clock::Timestamp;
use contracts::{OrderActor, OrderId, OrderStatus, RestaurantId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, QueryOrder, QuerySelect};

use super::order::{Column, Entity, event};

/// Up to `limit` open orders of these restaurants, each with its version, that have had one of these states since then or
/// longer, and that nobody has moved by hand, but for those that were passed over. What is wanted later than `soon` is listed only
/// when it is new.
pub(crate) async fn list_waiting(
    database: &impl Connection,
    (restaurants, passed): (&[RestaurantId], &[OrderId]),
    (since, soon): (&[(OrderStatus, Timestamp)], Timestamp),
    limit: u64,
) -> Result<Vec<(OrderId, i64)>> {
    let has_stood = |(status, since): &(OrderStatus, Timestamp)| {
        Condition::all().add(Column::Status.eq(*status)).add(Column::ChangedAt.lte(*since))
    };
    let have_stood = since.iter().map(has_stood).fold(Condition::any(), Condition::add);
    let is_new = || Column::Status.eq(OrderStatus::Placed);
    let is_soon = Condition::any().add(is_new()).add(Column::IsAsap.eq(true)).add(Column::TargetAt.lte(soon));
    let mut waiting = Entity::find()
        .filter(Column::RestaurantId.is_in(restaurants.iter().copied()))
        .filter(Column::ClosedAt.is_null())
        .filter(have_stood)
        .filter(is_soon)
        .filter(Condition::any().add(is_new()).add(Expr::exists(step_of_kitchen())))
        // In the order of the index of open orders.
        .order_by_asc(Column::RestaurantId)
        .order_by_asc(Column::Id)
        .limit(limit);
    if !passed.is_empty() {
        waiting = waiting.filter(Column::PublicId.is_not_in(passed.iter().copied()));
    }
    let named = waiting.select_only().column(Column::PublicId).column(Column::Version);
    Ok(named.into_tuple().all(database).await?)
}

/// Whether the restaurant had an order before this one.
pub(crate) async fn has_earlier(database: &impl Connection, restaurant_id: RestaurantId, id: i64) -> Result<bool> {
    let earlier = Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::Id.lt(id));
    let earlier = earlier.order_by_desc(Column::Id).limit(1).select_only().column(Column::Id);
    Ok(earlier.into_tuple::<i64>().one(database).await?.is_some())
}

/// What has become of an order last, where its restaurant has done that and no person.
fn step_of_kitchen() -> SelectStatement {
    let of_order = |own, column| Expr::col((event::Entity, own)).equals((Entity, column));
    Query::select()
        .expr(Expr::val(1))
        .from(event::Entity)
        .and_where(of_order(event::Column::OrderId, Column::Id))
        .and_where(of_order(event::Column::Version, Column::Version))
        .and_where(event::Column::Actor.eq(OrderActor::Owner))
        .and_where(event::Column::ActorId.is_null())
        .take()
}
