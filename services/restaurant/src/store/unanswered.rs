//! `restaurant_unanswered`: how many orders in a row a restaurant has let wait in vain.

use contracts::RestaurantId;
use database::{Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ExprTrait, IntoActiveModel};

#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_unanswered")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) orders: i32,
}

impl ActiveModelBehavior for ActiveModel {}

/// Counts one more, and answers how many it are by now.
pub(crate) async fn add(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<i32> {
    let known = Expr::col((Entity, Column::Orders));
    let one_more = OnConflict::column(Column::RestaurantId).value(Column::Orders, known.add(1)).to_owned();
    let first = Model { restaurant_id, orders: 1 }.into_active_model();
    Ok(Entity::insert(first).on_conflict(one_more).exec_with_returning(tx).await?.orders)
}

/// It has answered one, or takes a break.
pub(crate) async fn delete(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<()> {
    Entity::delete_by_id(restaurant_id).exec(tx).await?;
    Ok(())
}
