//! What a restaurant is shown of its orders: those that move, those of today that have come to their end, and what it has earned.

use std::sync::Arc;

use contracts::{OrderId, RestaurantId, Role};

use super::catalog;
use super::full_order::{FullOrder, complete};
use super::orders::{OrderReader, check_board, find_order};
use crate::error::CartError;
use crate::model::{EarningsPeriod, RestaurantCopy, day_of, midnight};
use crate::state::Carts;
use crate::store;
use crate::store::earnings::EarningsRow;
use crate::store::order::Order;
use crate::store::restaurant::NamedRestaurant;

/// Orders that stand on a board: nobody cooks more at a time. One of a lazy owner, who finishes none, shows the newest.
pub(crate) const MOST_OPEN: u64 = 200;
/// Orders that are shown among those of today; all of them are counted.
const MOST_CLOSED: u64 = 50;
/// Restaurants that one user is shown.
const MOST_RESTAURANTS: u64 = 100;

/// What stands on the board.
#[derive(Debug)]
pub(crate) struct Board {
    /// Oldest first.
    pub(crate) open: Vec<FullOrder>,
    /// The last one first.
    pub(crate) closed: Vec<Order>,
    /// How many have come to their end today.
    pub(crate) closed_count: u64,
}

/// The restaurants that the reader runs.
pub(crate) async fn list_restaurants(carts: &Carts, reader: OrderReader) -> Result<Vec<NamedRestaurant>, CartError> {
    match reader.role {
        Role::User => Ok(Vec::new()),
        Role::Manager | Role::Admin => {
            let database = &carts.context.database;
            Ok(store::restaurant::list_of_owner(database, reader.user_id, MOST_RESTAURANTS).await?)
        }
    }
}

/// The restaurant, for who runs it and admins.
pub(crate) async fn find_kitchen(
    carts: &Carts,
    reader: OrderReader,
    restaurant_id: RestaurantId,
) -> Result<Arc<RestaurantCopy>, CartError> {
    check_board(carts, reader, restaurant_id).await?;
    catalog::find_restaurant(carts, restaurant_id).await?.ok_or(CartError::RestaurantNotFound)
}

/// What stands on the board of the restaurant, whose reader was checked.
pub(crate) async fn read_board(carts: &Carts, restaurant_id: RestaurantId) -> Result<Board, CartError> {
    let database = &carts.context.database;
    let today = midnight(day_of(carts.context.now()));
    let open = store::board::list_open(database, restaurant_id, MOST_OPEN).await?;
    Ok(Board {
        open: complete(database, open).await?,
        closed: store::board::list_closed(database, restaurant_id, today, MOST_CLOSED).await?,
        closed_count: store::board::count_closed(database, restaurant_id, today).await?,
    })
}

/// The order, if it is one of the restaurant.
pub(crate) async fn find_order_of(
    carts: &Carts,
    reader: OrderReader,
    (restaurant_id, id): (RestaurantId, OrderId),
) -> Result<FullOrder, CartError> {
    let order = find_order(carts, reader, id).await?;
    if order.order.restaurant_id == restaurant_id { Ok(order) } else { Err(CartError::OrderNotFound) }
}

/// What the restaurant, whose reader was checked, has earned in each part of the period.
pub(crate) async fn list_earnings(
    carts: &Carts,
    restaurant_id: RestaurantId,
    period: EarningsPeriod,
) -> Result<Vec<EarningsRow>, CartError> {
    Ok(store::earnings::list(&carts.context.database, restaurant_id, &period.bounds()).await?)
}
