//! `restaurant_option`: what can be chosen from a group.

use contracts::{Money, OptionGroupId, OptionId, RestaurantId};
use database::{Connection, Result};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::model::MenuName;

/// An option.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_option")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OptionId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) group_id: OptionGroupId,
    pub(crate) name: MenuName,
    pub(crate) price_kurus: Money,
    pub(crate) max_quantity: i16,
    pub(crate) is_available: bool,
    pub(crate) position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as MenuOption;

/// The options of these restaurants, those of each group in their order.
pub(crate) async fn list_of(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<MenuOption>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    let sorted = of_these.order_by_asc(Column::GroupId).order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}
