//! What the index of restaurants is built of, the versions by which it follows them, and the meals by which they are found.

use std::collections::HashMap;

use clock::Timestamp;
use contracts::{MealId, Price, RestaurantId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{Condition, DbBackend, DbErr, FromQueryResult, QueryOrder, QuerySelect, QueryTrait};

use super::meal;
use super::restaurant::{self, Restaurant};
use crate::model::{MealCuisine, MenuName};

/// A meal, by what a search finds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundMeal {
    pub(crate) name: MenuName,
    pub(crate) cuisine: Option<MealCuisine>,
}

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

/// Dishes by which a restaurant was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedDishes {
    pub(crate) restaurant_id: RestaurantId,
    /// As searches compare their names.
    pub(crate) names: Vec<String>,
}

/// A meal that is such a dish.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Dish {
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) search_name: String,
    pub(crate) id: MealId,
    pub(crate) name: MenuName,
    pub(crate) price_kurus: Price,
}

/// The first meal of each dish that is wanted, in no order.
pub(crate) async fn list_dishes(database: &impl Connection, wanted: Vec<WantedDishes>) -> Result<Vec<Dish>> {
    // SQLite plans a query for none of them as a walk through all.
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let is_wanted = wanted.into_iter().fold(Condition::any(), |condition, WantedDishes { restaurant_id, names }| {
        // SQLite takes the index of meals that are there for an alternative only where that itself says so, else it walks through all.
        let there = Condition::all().add(Expr::cust("deleted_at IS NULL"));
        let of_restaurant = there.add(meal::Column::RestaurantId.eq(restaurant_id));
        condition.add(of_restaurant.add(meal::Column::SearchName.is_in(names)))
    });
    let columns = [
        meal::Column::RestaurantId,
        meal::Column::SearchName,
        meal::Column::Id,
        meal::Column::Name,
        meal::Column::PriceKurus,
    ];
    let named = meal::Entity::find().select_only().columns(columns).filter(is_wanted);
    let place = "row_number() OVER (PARTITION BY restaurant_id, search_name ORDER BY position, id)";
    let placed = named.column_as(Expr::cust(place), "place").into_query();
    let first =
        Query::select().columns(columns).from_subquery(placed, "placed").and_where(Expr::cust("place = 1")).to_owned();
    Ok(Dish::find_by_statement(database.get_database_backend().build(&first)).all(database).await?)
}

/// The meals of each of these restaurants that has some, in their order. All of a restaurant come in one row: each in its own they
/// would take several times as long, and a batch of the index has thousands.
pub(crate) async fn list_meals(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
) -> Result<HashMap<RestaurantId, Vec<FoundMeal>>> {
    let there = meal::Entity::find().filter(meal::Column::RestaurantId.is_in(restaurants));
    // As it stands in the index: a value beside the statement would not let a database know that they fit.
    let there = there.filter(Expr::cust("deleted_at IS NULL"));
    let by_restaurant = there.select_only().column(meal::Column::RestaurantId).group_by(meal::Column::RestaurantId);
    let rows = by_restaurant.column_as(Expr::cust(meals_of_restaurant(database)), "meals").into_tuple();
    let rows: Vec<(RestaurantId, String)> = rows.all(database).await?;
    let meals = rows.into_iter().map(|(id, meals)| Ok((id, parse_meals(&meals)?)));
    meals.collect::<Result<_, DbErr>>().map_err(Into::into)
}

/// What [`parse_meals`] reads.
fn meals_of_restaurant(database: &impl Connection) -> &'static str {
    if database.get_database_backend() == DbBackend::Postgres {
        "json_agg(json_build_array(name, cuisine) ORDER BY position, id)::text"
    } else {
        "json_group_array(json_array(name, cuisine) ORDER BY position, id)"
    }
}

fn parse_meals(json: &str) -> Result<Vec<FoundMeal>, DbErr> {
    let meals: Vec<(MenuName, Option<MealCuisine>)> =
        serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(meals.into_iter().map(|(name, cuisine)| FoundMeal { name, cuisine }).collect())
}

fn restaurants() -> Select<restaurant::Entity> {
    restaurant::Entity::find().select_only()
}
