//! `restaurant_meal_complement`: what goes well with a meal.

use contracts::{MealId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

/// Another meal of the same restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_meal_complement")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) meal_id: MealId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) other_id: MealId,
    restaurant_id: RestaurantId,
    position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

/// Puts `others` in the place of those that the meal had.
pub(crate) async fn replace(
    tx: &WriteTransaction,
    (restaurant_id, meal_id): (RestaurantId, MealId),
    others: &[MealId],
) -> Result<()> {
    of_restaurant_to_delete(restaurant_id).filter(Column::MealId.eq(meal_id)).exec(tx).await?;
    let rows = others.iter().zip(0_i16..).map(|(other_id, position)| {
        Model { meal_id, other_id: *other_id, restaurant_id, position }.into_active_model()
    });
    if !others.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Takes the meal back, wherever it goes well with another.
pub(crate) async fn delete_other(
    tx: &WriteTransaction,
    (restaurant_id, other_id): (RestaurantId, MealId),
) -> Result<()> {
    of_restaurant_to_delete(restaurant_id).filter(Column::OtherId.eq(other_id)).exec(tx).await?;
    Ok(())
}

/// Each meal of the restaurant with what goes well with it, in its order.
pub(crate) async fn list_of(database: &impl Connection, restaurant_id: RestaurantId) -> Result<Vec<(MealId, MealId)>> {
    let of_restaurant = Entity::find().filter(Column::RestaurantId.eq(restaurant_id));
    let rows = of_restaurant.order_by_asc(Column::MealId).order_by_asc(Column::Position).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.meal_id, row.other_id)).collect())
}

fn of_restaurant_to_delete(restaurant_id: RestaurantId) -> sea_orm::DeleteMany<Entity> {
    Entity::delete_many().filter(Column::RestaurantId.eq(restaurant_id))
}
