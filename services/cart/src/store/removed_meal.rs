//! `cart_removed_meal`: what menus have no more, so that a cart can say what it was.

use std::collections::HashMap;

use clock::Timestamp;
use contracts::{MealId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, QuerySelect};

/// A meal that left a menu.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_removed_meal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) restaurant_id: RestaurantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) meal_id: MealId,
    /// Its last one.
    pub(crate) name: String,
    pub(crate) removed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as RemovedMeal;

/// Adds `meals`, at least one.
pub(crate) async fn insert(tx: &WriteTransaction, meals: Vec<RemovedMeal>) -> Result<()> {
    let mut newest = OnConflict::columns([Column::RestaurantId, Column::MealId]);
    newest.update_columns([Column::Name, Column::RemovedAt]);
    let rows = meals.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).on_conflict(newest).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets those of `meals` that are there.
pub(crate) async fn delete(tx: &WriteTransaction, restaurant_id: RestaurantId, meals: Vec<MealId>) -> Result<()> {
    Entity::delete_many()
        .filter(Column::RestaurantId.eq(restaurant_id))
        .filter(Column::MealId.is_in(meals))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets those of the restaurant that were removed before `cutoff`.
pub(crate) async fn trim(tx: &WriteTransaction, restaurant_id: RestaurantId, cutoff: Timestamp) -> Result<()> {
    Entity::delete_many()
        .filter(Column::RestaurantId.eq(restaurant_id))
        .filter(Column::RemovedAt.lt(cutoff))
        .exec(tx)
        .await?;
    Ok(())
}

/// The names of those of `meals` that are there.
pub(crate) async fn names(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    meals: Vec<MealId>,
) -> Result<HashMap<MealId, String>> {
    let rows: Vec<(MealId, String)> = Entity::find()
        .filter(Column::RestaurantId.eq(restaurant_id))
        .filter(Column::MealId.is_in(meals))
        .select_only()
        .columns([Column::MealId, Column::Name])
        .into_tuple()
        .all(database)
        .await?;
    Ok(rows.into_iter().collect())
}
