//! `auth_security_event`: what happened to accounts, for their users to see.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Result, WriteTransaction};
use kit::PageRequest;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use super::first_id;
use crate::model::security_event::SecurityEventKind;

contracts::text_column!(SecurityEventKind);

/// Something that happened.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_security_event")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Absent when no account was concerned, such as at an attempt on an unknown address.
    pub(crate) user_id: Option<UserId>,
    pub(crate) kind: SecurityEventKind,
    pub(crate) at: Timestamp,
    /// Absent when the operator did it on the command line.
    pub(crate) network: Option<String>,
    pub(crate) user_agent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as SecurityEvent;

pub(crate) async fn insert(tx: &WriteTransaction, event: SecurityEvent) -> Result<()> {
    Entity::insert(event.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// From an instant to another one: what a clock dated that was ahead lies behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

/// How many events of these kinds the user had.
pub(crate) async fn count(
    tx: &WriteTransaction,
    user: UserId,
    kinds: Vec<SecurityEventKind>,
    period: Period,
) -> Result<u64> {
    let events = Entity::find().filter(Column::UserId.eq(user)).filter(Column::Kind.is_in(kinds));
    // The id, because the index has it, and it is made in order of time.
    let events = events.filter(Column::Id.gte(first_id(period.start))).filter(Column::At.lte(period.end));
    Ok(events.count(tx).await?)
}

/// The user's events, newest first; one more than a page holds, to see whether there is another page.
pub(crate) async fn list(database: &impl Connection, user: UserId, page: PageRequest) -> Result<Vec<SecurityEvent>> {
    let mut select = Entity::find().filter(Column::UserId.eq(user)).order_by_desc(Column::Id).limit(page.limit + 1);
    if let Some(after) = page.after {
        select = select.filter(Column::Id.lt(after.0));
    }
    Ok(select.all(database).await?)
}

/// Deletes up to `limit` events older than `before` that concerned no account, but for what the operator did.
pub(crate) async fn trim_of_nobody(tx: &WriteTransaction, before: Uuid, limit: u64) -> Result<u64> {
    let oldest = Entity::find().select_only().column(Column::Id).filter(Column::UserId.is_null());
    let oldest = oldest.filter(Column::Id.lt(before)).filter(Column::Network.is_not_null());
    let oldest = oldest.order_by_asc(Column::Id).limit(limit).into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(oldest)).exec(tx).await?.rows_affected)
}

/// Deletes up to `limit` events older than `before`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, before: Uuid, limit: u64) -> Result<u64> {
    let oldest = Entity::find().select_only().column(Column::Id).filter(Column::Id.lt(before));
    let oldest = oldest.order_by_asc(Column::Id).limit(limit).into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(oldest)).exec(tx).await?.rows_affected)
}
