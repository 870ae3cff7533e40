//! `restaurant_option`: what can be chosen from a group.

use contracts::{Money, OptionGroupId, OptionId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, Set};

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

/// Puts `options` in the place of those that the group had.
pub(crate) async fn replace(
    tx: &WriteTransaction,
    (restaurant_id, group_id): (RestaurantId, OptionGroupId),
    options: &[MenuOption],
) -> Result<()> {
    let before = Entity::delete_many().filter(Column::RestaurantId.eq(restaurant_id));
    before.filter(Column::GroupId.eq(group_id)).exec(tx).await?;
    if !options.is_empty() {
        let rows = options.iter().map(|option| option.clone().into_active_model());
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The option, if it is the restaurant's.
pub(crate) async fn find(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    id: OptionId,
) -> Result<Option<MenuOption>> {
    let found = Entity::find_by_id(id).filter(Column::RestaurantId.eq(restaurant_id));
    Ok(found.one(database).await?)
}

/// Switches the option on or off.
pub(crate) async fn update_availability(tx: &WriteTransaction, id: OptionId, is_available: bool) -> Result<()> {
    let columns = ActiveModel { is_available: Set(is_available), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// The options of these restaurants, those of each group in their order.
pub(crate) async fn list_of(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<MenuOption>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    let sorted = of_these.order_by_asc(Column::GroupId).order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}
