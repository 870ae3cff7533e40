//! `restaurant_category`: the headings of menus.

use contracts::{CategoryId, RestaurantId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;

use crate::model::MenuName;

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

/// The category, if it is the restaurant's.
pub(crate) async fn find(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    id: CategoryId,
) -> Result<Option<Category>> {
    let found = Entity::find_by_id(id).filter(Column::RestaurantId.eq(restaurant_id));
    Ok(found.one(database).await?)
}
