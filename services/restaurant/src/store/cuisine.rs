//! `restaurant_cuisine`: what restaurants cook.

use contracts::{RestaurantId, ShortText};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

use crate::model::{Cuisine, Cuisines};

/// A cuisine of a restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_cuisine")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    restaurant_id: RestaurantId,
    #[sea_orm(primary_key, auto_increment = false)]
    cuisine_key: String,
    name: ShortText<64>,
    position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

/// Puts `cuisines` in the place of those that the restaurant had.
pub(crate) async fn replace(tx: &WriteTransaction, restaurant_id: RestaurantId, cuisines: &Cuisines) -> Result<()> {
    Entity::delete_many().filter(Column::RestaurantId.eq(restaurant_id)).exec(tx).await?;
    let rows = cuisines.0.iter().zip(0_i16..).map(|(cuisine, position)| {
        let (cuisine_key, name) = (cuisine.key(), cuisine.name().clone());
        Model { restaurant_id, cuisine_key, name, position }.into_active_model()
    });
    if !cuisines.0.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The cuisines of each of these restaurants, each in its order.
pub(crate) async fn list(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
) -> Result<Vec<(RestaurantId, Cuisine)>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    let rows = of_these.order_by_asc(Column::RestaurantId).order_by_asc(Column::Position).all(database).await?;
    Ok(rows.into_iter().map(|row| (row.restaurant_id, row.name.into())).collect())
}
