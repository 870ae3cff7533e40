//! What the index of restaurants is built of, the versions by which it follows them, and the meals by which they are found.

use clock::Timestamp;
use contracts::{Money, RestaurantId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::restaurant::{self, Restaurant};

/// A meal, by what a search finds and shows of it.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_meal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) name: String,
    pub(crate) cuisine: Option<String>,
    pub(crate) price_kurus: Money,
    position: i16,
    deleted_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Meal;

/// A restaurant in one of its versions.
pub(crate) type Version = (RestaurantId, i64);

/// When the newest change was made that a search may find.
pub(crate) async fn newest_change(database: &impl Connection) -> Result<Option<Timestamp>> {
    let newest = restaurants().column(restaurant::Column::TouchedAt);
    Ok(newest.order_by_desc(restaurant::Column::TouchedAt).limit(1).into_tuple().one(database).await?)
}

/// Up to `limit` restaurants that have changed after an instant, or ever, the last ones first, and when they did.
pub(crate) async fn list_changed(
    database: &impl Connection,
    after: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<(RestaurantId, i64, Timestamp)>> {
    let columns = [restaurant::Column::Id, restaurant::Column::SearchVersion, restaurant::Column::TouchedAt];
    let mut changed = restaurants().columns(columns);
    if let Some(after) = after {
        changed = changed.filter(restaurant::Column::TouchedAt.gt(after));
    }
    let last_first = changed.order_by_desc(restaurant::Column::TouchedAt).order_by_desc(restaurant::Column::Id);
    Ok(last_first.limit(limit).into_tuple().all(database).await?)
}

/// The versions of the `limit` restaurants behind one, in the order of their ids, also of those that nobody sees.
pub(crate) async fn list_versions(database: &impl Connection, after: RestaurantId, limit: u64) -> Result<Vec<Version>> {
    let behind = restaurants().columns([restaurant::Column::Id, restaurant::Column::SearchVersion]);
    let behind = behind.filter(restaurant::Column::Id.gt(after)).order_by_asc(restaurant::Column::Id);
    Ok(behind.limit(limit).into_tuple().all(database).await?)
}

/// The `limit` restaurants behind one, in the order of their ids, also those that nobody sees.
pub(crate) async fn list_behind(
    database: &impl Connection,
    after: RestaurantId,
    limit: u64,
) -> Result<Vec<Restaurant>> {
    let behind = restaurant::Entity::find().filter(restaurant::Column::Id.gt(after));
    Ok(behind.order_by_asc(restaurant::Column::Id).limit(limit).all(database).await?)
}

/// Those of `ids` that are there, also those that nobody sees.
pub(crate) async fn list(database: &impl Connection, ids: Vec<RestaurantId>) -> Result<Vec<Restaurant>> {
    Ok(restaurant::Entity::find().filter(restaurant::Column::Id.is_in(ids)).all(database).await?)
}

/// The meals of these restaurants, each restaurant's in their order.
pub(crate) async fn list_meals(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<Meal>> {
    let there = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    // As it stands in the index: a value beside the statement would not let a database know that they fit.
    let there = there.filter(Expr::cust("deleted_at IS NULL"));
    let sorted = there.order_by_asc(Column::RestaurantId).order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}

fn restaurants() -> Select<restaurant::Entity> {
    restaurant::Entity::find().select_only()
}
