//! `notification_suppression`: who wants no commercial mail.

use clock::Timestamp;
use contracts::EmailAddress;
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_suppression")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) recipient: String,
    pub(crate) unsubscribed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds `recipient`, unless it stands here already.
pub(crate) async fn insert(tx: &WriteTransaction, recipient: &EmailAddress, now: Timestamp) -> Result<()> {
    let row = Model { recipient: recipient.to_string(), unsubscribed_at: now }.into_active_model();
    Entity::insert(row).on_conflict_do_nothing_on([Column::Recipient]).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn is_suppressed(connection: &impl Connection, recipient: &EmailAddress) -> Result<bool> {
    Ok(Entity::find_by_id(recipient.to_string()).one(connection).await?.is_some())
}
