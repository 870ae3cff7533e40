//! `restaurant_writes`: how often each manager has written on the last day on which they did.

use contracts::UserId;
use database::{Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};

/// The writes of one manager.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_writes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    writer_id: UserId,
    /// Since the epoch, in UTC.
    day: i64,
    count: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// Counts the write of this transaction, and answers how many there are on this day with it. Others of the same manager wait until the
/// transaction ends.
pub(crate) async fn add(tx: &WriteTransaction, writer_id: UserId, day: i64) -> Result<i64> {
    let first = Model { writer_id, day, count: 1 }.into_active_model();
    let count = "CASE WHEN restaurant_writes.day = excluded.day THEN restaurant_writes.count + 1 ELSE 1 END";
    let one_more = OnConflict::column(Column::WriterId)
        .value(Column::Count, Expr::cust(count))
        .update_column(Column::Day)
        .to_owned();
    Ok(Entity::insert(first).on_conflict(one_more).exec_with_returning(tx).await?.count)
}
