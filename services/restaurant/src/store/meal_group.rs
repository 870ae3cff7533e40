//! `restaurant_meal_group`: which groups of options are chosen from with a meal.

use contracts::{MealId, OptionGroupId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

/// A group of a meal; others of the restaurant may have it, too.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_meal_group")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    meal_id: MealId,
    #[sea_orm(primary_key, auto_increment = false)]
    group_id: OptionGroupId,
    restaurant_id: RestaurantId,
    position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

/// Puts `groups` in the place of those that the meal had.
pub(crate) async fn replace(
    tx: &WriteTransaction,
    (restaurant_id, meal_id): (RestaurantId, MealId),
    groups: &[OptionGroupId],
) -> Result<()> {
    of_restaurant_to_delete(restaurant_id).filter(Column::MealId.eq(meal_id)).exec(tx).await?;
    let rows = groups.iter().zip(0_i16..).map(|(group_id, position)| {
        Model { meal_id, group_id: *group_id, restaurant_id, position }.into_active_model()
    });
    if !groups.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Takes the group back from all meals.
pub(crate) async fn delete_group(
    tx: &WriteTransaction,
    (restaurant_id, group_id): (RestaurantId, OptionGroupId),
) -> Result<()> {
    of_restaurant_to_delete(restaurant_id).filter(Column::GroupId.eq(group_id)).exec(tx).await?;
    Ok(())
}

/// Each meal of these restaurants with its groups, in its order.
pub(crate) async fn list_of(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
) -> Result<Vec<(MealId, OptionGroupId)>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    let rows = of_these.order_by_asc(Column::MealId).order_by_asc(Column::Position).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.meal_id, row.group_id)).collect())
}

fn of_restaurant_to_delete(restaurant_id: RestaurantId) -> sea_orm::DeleteMany<Entity> {
    Entity::delete_many().filter(Column::RestaurantId.eq(restaurant_id))
}
