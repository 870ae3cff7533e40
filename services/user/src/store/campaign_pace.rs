//! `user_campaign_pace`: when the next chunk may be recorded, of whichever campaign.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_campaign_pace")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i16,
    next_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// The one row.
const ID: i16 = 1;

/// When the next chunk may be recorded; nothing before the first one.
pub(crate) async fn find(database: &impl Connection) -> Result<Option<Timestamp>> {
    Ok(Entity::find_by_id(ID).one(database).await?.map(|row| row.next_at))
}

/// Says when the next chunk may be recorded.
pub(crate) async fn save(tx: &WriteTransaction, next_at: Timestamp) -> Result<()> {
    let change = OnConflict::column(Column::Id).update_column(Column::NextAt).to_owned();
    let row = Model { id: ID, next_at }.into_active_model();
    Entity::insert(row).on_conflict(change).exec_without_returning(tx).await?;
    Ok(())
}
