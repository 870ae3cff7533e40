//! `restaurant_option_group`: what is chosen with meals, in groups.

use contracts::{OptionGroupId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, QuerySelect};

use crate::model::MenuName;

/// Options that belong together.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_option_group")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: OptionGroupId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) name: MenuName,
    pub(crate) min_choices: i16,
    /// `None` where there is no limit.
    pub(crate) max_choices: Option<i16>,
    pub(crate) position: i16,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as OptionGroup;

pub(crate) async fn insert(tx: &WriteTransaction, group: &OptionGroup) -> Result<()> {
    Entity::insert(group.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all that the group has.
pub(crate) async fn update(tx: &WriteTransaction, group: &OptionGroup) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..group.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(group.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: OptionGroupId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// The group, if it is the restaurant's.
pub(crate) async fn find(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    id: OptionGroupId,
) -> Result<Option<OptionGroup>> {
    let found = Entity::find_by_id(id).filter(Column::RestaurantId.eq(restaurant_id));
    Ok(found.one(database).await?)
}

/// Which of `ids` are groups of the restaurant.
pub(crate) async fn list_existing(
    tx: &WriteTransaction,
    restaurant_id: RestaurantId,
    ids: Vec<OptionGroupId>,
) -> Result<Vec<OptionGroupId>> {
    let of_restaurant = Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::Id.is_in(ids));
    Ok(of_restaurant.select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// The groups of these restaurants, those of each in their order.
pub(crate) async fn list_of(database: &impl Connection, restaurants: Vec<RestaurantId>) -> Result<Vec<OptionGroup>> {
    let of_these = Entity::find().filter(Column::RestaurantId.is_in(restaurants));
    let sorted = of_these.order_by_asc(Column::RestaurantId).order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(sorted.all(database).await?)
}
