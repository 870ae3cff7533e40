//! `user_audience_mark`: what has changed, so that audiences may have. Rows are only added by those who change something, so that nobody
//! waits for anybody, and go as they are worked off.

use contracts::RestaurantId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Set};

use crate::model::AudienceChange;

contracts::text_column!(AudienceChange);

/// A change.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_audience_mark")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) kind: AudienceChange,
    /// What is followed, who has answered, or which restaurant it is.
    pub(crate) subject: String,
    /// The last of the restaurants that were found by it.
    pub(crate) cursor: Option<RestaurantId>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as AudienceMark;

/// Adds a mark for each change.
pub(crate) async fn insert(
    tx: &WriteTransaction,
    changes: impl IntoIterator<Item = (AudienceChange, String)>,
) -> Result<()> {
    let rows = changes.into_iter().map(|(kind, subject)| ActiveModel {
        kind: Set(kind),
        subject: Set(subject),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The oldest `limit` marks.
pub(crate) async fn list(database: &impl Connection, limit: u64) -> Result<Vec<AudienceMark>> {
    Ok(Entity::find().order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Says how far these marks have come.
pub(crate) async fn advance(tx: &WriteTransaction, ids: Vec<i64>, cursor: RestaurantId) -> Result<()> {
    let columns = ActiveModel { cursor: Set(Some(cursor)), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}

/// Removes marks that are worked off.
pub(crate) async fn delete(tx: &WriteTransaction, ids: Vec<i64>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}
