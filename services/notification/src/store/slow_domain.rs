//! `notification_slow_domain`: domains that have asked for fewer mails.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::domains::Slowness;

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_slow_domain")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) domain: String,
    pub(crate) share: f64,
    pub(crate) slowed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps that `domain` has asked for fewer.
pub(crate) async fn put(tx: &WriteTransaction, domain: &str, slowness: Slowness) -> Result<()> {
    let anew = OnConflict::column(Column::Domain).update_columns([Column::Share, Column::SlowedAt]).to_owned();
    let row = Model { domain: domain.to_owned(), share: slowness.share, slowed_at: slowness.slowed_at };
    Entity::insert(row.into_active_model()).on_conflict(anew).exec_without_returning(tx).await?;
    Ok(())
}

/// Those that have asked since `since`, the last ones first.
pub(crate) async fn list(
    connection: &impl Connection,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Slowness)>> {
    let slow = Entity::find().filter(Column::SlowedAt.gte(since)).order_by_desc(Column::SlowedAt).limit(limit);
    let slowness = |Model { domain, share, slowed_at }| (domain, Slowness { share, slowed_at });
    Ok(slow.all(connection).await?.into_iter().map(slowness).collect())
}

/// Deletes up to `limit` of those that asked before `cutoff`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let old =
        Query::select().column(Column::Domain).from(Entity).and_where(Column::SlowedAt.lt(cutoff)).limit(limit).take();
    Ok(Entity::delete_many().filter(Column::Domain.in_subquery(old)).exec(tx).await?.rows_affected)
}
