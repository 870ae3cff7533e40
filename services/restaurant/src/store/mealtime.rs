//! `restaurant_mealtime`: when meals are served that are not served all day.

use contracts::{MealtimeId, OpeningHours, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, NotSet, QueryOrder};

use crate::model::MenuName;

/// A time of the day on some days of the week.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_mealtime")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MealtimeId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) name: MenuName,
    pub(crate) hours: OpeningHours,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Mealtime;

pub(crate) async fn insert(tx: &WriteTransaction, mealtime: &Mealtime) -> Result<()> {
    Entity::insert(mealtime.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all that the mealtime has.
pub(crate) async fn update(tx: &WriteTransaction, mealtime: &Mealtime) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..mealtime.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(mealtime.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: MealtimeId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// The mealtime, if it is the restaurant's.
pub(crate) async fn find(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    id: MealtimeId,
) -> Result<Option<Mealtime>> {
    let found = Entity::find_by_id(id).filter(Column::RestaurantId.eq(restaurant_id));
    Ok(found.one(database).await?)
}

/// The mealtimes of these restaurants, oldest first.
pub(crate) async fn list_of(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<Mealtime>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    Ok(of_these.order_by_asc(Column::RestaurantId).order_by_asc(Column::Id).all(database).await?)
}
