//! `cart_slot`: how many orders are due at a restaurant in a quarter of an hour, or however long its slots are.

use clock::Timestamp;
use contracts::RestaurantId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ExprTrait, IntoActiveModel, QuerySelect};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_slot")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) restaurant_id: RestaurantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) begins_at: Timestamp,
    pub(crate) taken: i32,
}

impl ActiveModelBehavior for ActiveModel {}

/// Takes a place in the slot, unless it has as many orders as fit into it.
pub(crate) async fn take(
    tx: &WriteTransaction,
    (restaurant_id, begins_at): (RestaurantId, Timestamp),
    capacity: u16,
) -> Result<bool> {
    let taken = Expr::col((Entity, Column::Taken));
    let one_more = OnConflict::columns([Column::RestaurantId, Column::BeginsAt])
        .value(Column::Taken, taken.clone().add(1))
        .action_and_where(taken.lt(i32::from(capacity)))
        .to_owned();
    let first = Model { restaurant_id, begins_at, taken: 1 }.into_active_model();
    Ok(Entity::insert(first).on_conflict(one_more).exec_without_returning(tx).await? > 0)
}

/// Gives a place in the slot back.
pub(crate) async fn give_back(
    tx: &WriteTransaction,
    (restaurant_id, begins_at): (RestaurantId, Timestamp),
) -> Result<()> {
    let one_less = Entity::update_many().col_expr(Column::Taken, Expr::col(Column::Taken).sub(1));
    let slot = one_less.filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::BeginsAt.eq(begins_at));
    slot.filter(Column::Taken.gt(0)).exec(tx).await?;
    Ok(())
}

/// Which of the slots from then on, before `until`, have as many orders as fit into one.
pub(crate) async fn list_full(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    (from, until): (Timestamp, Timestamp),
    capacity: u16,
) -> Result<Vec<Timestamp>> {
    let near =
        Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::BeginsAt.between(from, until));
    let full = near.filter(Column::Taken.gte(i32::from(capacity)));
    Ok(full.select_only().column(Column::BeginsAt).into_tuple().all(database).await?)
}

/// Forgets up to `limit` slots that began before then, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, before: Timestamp, limit: u64) -> Result<u64> {
    let key = [Column::RestaurantId, Column::BeginsAt];
    let old = Query::select().columns(key).from(Entity).and_where(Column::BeginsAt.lt(before)).limit(limit).to_owned();
    let deleted = Entity::delete_many().filter(Expr::tuple(key.map(Expr::col)).in_subquery(old));
    Ok(deleted.exec(tx).await?.rows_affected)
}
