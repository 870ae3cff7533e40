//! `notification_unknown_mail`: events that ask for mails of types that only a later release knows.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_unknown_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    /// That of the event.
    pub(crate) key: String,
    pub(crate) sealed_event: Vec<u8>,
    /// When the event was recorded.
    pub(crate) recorded_at: Timestamp,
    /// When it was first heard.
    pub(crate) received_at: Timestamp,
}

pub(crate) use Model as UnknownMail;

impl ActiveModelBehavior for ActiveModel {}

/// Keeps an event, unless it stands here.
pub(crate) async fn insert(tx: &WriteTransaction, unknown: UnknownMail) -> Result<()> {
    let row = unknown.into_active_model();
    Entity::insert(row).on_conflict_do_nothing_on([Column::EventId]).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` that ask for mails of `kind`.
pub(crate) async fn of_kind(connection: &impl Connection, kind: &str, limit: u64) -> Result<Vec<UnknownMail>> {
    let of_kind = Entity::find().filter(Column::Kind.eq(kind)).order_by_asc(Column::ReceivedAt).limit(limit);
    Ok(of_kind.all(connection).await?)
}

/// Up to `limit` that were received by `cutoff`, oldest first.
pub(crate) async fn older_than(
    connection: &impl Connection,
    cutoff: Timestamp,
    limit: u64,
) -> Result<Vec<UnknownMail>> {
    let old = Entity::find().filter(Column::ReceivedAt.lte(cutoff)).order_by_asc(Column::ReceivedAt).limit(limit);
    Ok(old.all(connection).await?)
}

/// Takes it out; false if another process has just done so.
pub(crate) async fn take(tx: &WriteTransaction, event_id: Uuid) -> Result<bool> {
    Ok(Entity::delete_by_id(event_id).exec(tx).await?.rows_affected > 0)
}

/// How many were received since `since`, counted up to `limit`.
pub(crate) async fn count(connection: &impl Connection, since: Timestamp, limit: u64) -> Result<u64> {
    Ok(Entity::find().filter(Column::ReceivedAt.gte(since)).limit(limit).count(connection).await?)
}
