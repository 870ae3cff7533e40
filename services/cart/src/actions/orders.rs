//! Reading orders: those of a diner, those on the board of a restaurant, and one of either.

use contracts::{OrderActor, OrderId, RestaurantId, Role, UserId};
use database::Connection;
use kit::PageRequest;

use super::catalog;
use super::full_order::{FullOrder, complete};
use crate::error::CartError;
use crate::model::BoardView;
use crate::state::Carts;
use crate::store;
use crate::store::order::Order;

/// Somebody who reads or moves orders, with the role of the token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderReader {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
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

/// One more of the restaurant's orders than a page has, for who runs it and admins: open ones oldest first, closed ones
/// newest first.
pub(crate) async fn list_board(
    carts: &Carts,
    reader: OrderReader,
    restaurant_id: RestaurantId,
    (view, page): (BoardView, &PageRequest<i64>),
) -> Result<Vec<FullOrder>, CartError> {
    check_board(carts, reader, restaurant_id).await?;
    let database = &carts.context.database;
    let after = page.after.map(|cursor| cursor.0);
    let orders = store::order::list_of_restaurant(database, restaurant_id, (view, after), page.limit + 1).await?;
    Ok(complete(database, orders).await?)
}

/// Refuses whoever neither runs the restaurant nor the platform, and all where there is no such restaurant.
pub(crate) async fn check_board(
    carts: &Carts,
    reader: OrderReader,
    restaurant_id: RestaurantId,
) -> Result<(), CartError> {
    let database = &carts.context.database;
    let is_shown = match reader.role {
        Role::Admin => catalog::find_restaurant_by(carts, database, restaurant_id).await?.is_some(),
        Role::User | Role::Manager => runs(carts, database, reader, restaurant_id).await?,
    };
    if is_shown { Ok(()) } else { Err(CartError::RestaurantNotFound) }
}

/// The order, for whoever may see it: its diner, who runs the restaurant, and admins.
pub(crate) async fn find_order(carts: &Carts, reader: OrderReader, id: OrderId) -> Result<FullOrder, CartError> {
    let database = &carts.context.database;
    let order = store::order::find(database, id).await?.ok_or(CartError::OrderNotFound)?;
    actor_of(carts, database, reader, &order).await?;
    complete(database, vec![order]).await?.pop().ok_or(CartError::OrderNotFound)
}

/// As what `reader` comes to the order. To whom it is nothing, it is not there. Who orders at their own restaurant comes as who
/// runs it.
pub(super) async fn actor_of(
    carts: &Carts,
    database: &impl Connection,
    reader: OrderReader,
    order: &Order,
) -> Result<OrderActor, CartError> {
    if runs(carts, database, reader, order.restaurant_id).await? {
        return Ok(OrderActor::Owner);
    }
    if order.user_id == reader.user_id {
        return Ok(OrderActor::Diner);
    }
    if reader.role == Role::Admin { Ok(OrderActor::Admin) } else { Err(CartError::OrderNotFound) }
}

async fn runs(
    carts: &Carts,
    database: &impl Connection,
    reader: OrderReader,
    restaurant_id: RestaurantId,
) -> Result<bool, CartError> {
    match reader.role {
        Role::User => Ok(false),
        Role::Manager | Role::Admin => {
            let restaurant = catalog::find_restaurant_by(carts, database, restaurant_id).await?;
            Ok(restaurant.is_some_and(|restaurant| restaurant.owner_id() == Some(reader.user_id)))
        }
    }
}
