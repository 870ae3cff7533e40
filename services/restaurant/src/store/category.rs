//! `restaurant_category`: the headings of menus.

use contracts::{CategoryId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, Set};

use crate::model::{MenuName, Position};

/// A heading.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_category")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CategoryId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) name: MenuName,
    pub(crate) position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Category;

pub(crate) async fn insert(tx: &WriteTransaction, category: &Category) -> Result<()> {
    Entity::insert(category.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all that the category has.
pub(crate) async fn update(tx: &WriteTransaction, category: &Category) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..category.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(category.id)).exec(tx).await?;
    Ok(())
}

/// Where the category stands on its menu.
pub(crate) async fn update_position(tx: &WriteTransaction, id: CategoryId, position: Position) -> Result<()> {
    let columns = ActiveModel { position: Set(position.0), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: CategoryId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// The category, if it is the restaurant's.
pub(crate) async fn find(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    id: CategoryId,
) -> Result<Option<Category>> {
    let found = Entity::find_by_id(id).filter(Column::RestaurantId.eq(restaurant_id));
    Ok(found.one(database).await?)
}

/// The categories of the restaurant, in their order.
pub(crate) async fn list_of(database: &impl Connection, restaurant_id: RestaurantId) -> Result<Vec<Category>> {
    let of_restaurant = Entity::find().filter(Column::RestaurantId.eq(restaurant_id));
    Ok(of_restaurant.order_by_asc(Column::Position).order_by_asc(Column::Id).all(database).await?)
}
