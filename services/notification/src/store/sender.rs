//! `notification_sender`: the processes that send, where several share the database.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QuerySelect};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_sender")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) process: Uuid,
    pub(crate) started_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds `process`, unless it stands here.
pub(crate) async fn insert(tx: &WriteTransaction, process: Uuid, now: Timestamp) -> Result<()> {
    let row = Model { process, started_at: now }.into_active_model();
    Entity::insert(row).on_conflict_do_nothing_on([Column::Process]).exec_without_returning(tx).await?;
    Ok(())
}

/// All of them but for `this` one.
pub(crate) async fn others(connection: &impl Connection, this: Uuid) -> Result<Vec<Uuid>> {
    let others = Entity::find().filter(Column::Process.ne(this)).select_only().column(Column::Process);
    Ok(others.into_tuple().all(connection).await?)
}

/// Removes `process`, which sends no more.
pub(crate) async fn delete(tx: &WriteTransaction, process: Uuid) -> Result<()> {
    Entity::delete_by_id(process).exec(tx).await?;
    Ok(())
}
