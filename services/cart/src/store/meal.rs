//! `cart_meal`: whose menu has a meal, for clients that name meals alone.

use contracts::{MealId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

/// A meal on a menu.
#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_meal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) meal_id: MealId,
    pub(crate) restaurant_id: RestaurantId,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as MealOnMenu;

/// Writes down that the menu of the restaurant has these.
pub(crate) async fn insert(tx: &WriteTransaction, restaurant_id: RestaurantId, meals: Vec<MealId>) -> Result<()> {
    let rows = meals.into_iter().map(|meal_id| MealOnMenu { meal_id, restaurant_id }.into_active_model());
    let moved = OnConflict::column(Column::MealId).update_column(Column::RestaurantId).to_owned();
    Entity::insert_many(rows).on_conflict(moved).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes down that it has these no more. One that has moved to another menu meanwhile stays there.
pub(crate) async fn delete(tx: &WriteTransaction, restaurant_id: RestaurantId, meals: Vec<MealId>) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::MealId.is_in(meals));
    gone.filter(Column::RestaurantId.eq(restaurant_id)).exec(tx).await?;
    Ok(())
}

/// Whose menus have which of these.
pub(crate) async fn list(database: &impl Connection, meals: Vec<MealId>) -> Result<Vec<MealOnMenu>> {
    Ok(Entity::find().filter(Column::MealId.is_in(meals)).all(database).await?)
}
