//! `auth_used_token`: one-time tokens that had their effect, so that none has it twice.

use clock::Timestamp;
use contracts::{SessionId, UserId};
use database::{Connection, DatabaseError, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use crate::model::one_time_token::TokenDigest;

/// A token that was used.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_used_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: String,
    pub(crate) user_id: UserId,
    /// The session that a verification made.
    pub(crate) session_id: Option<SessionId>,
    pub(crate) used_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as UsedToken;

/// Fails with [`DatabaseError::Taken`] when the token was used before.
pub(crate) async fn insert(tx: &WriteTransaction, used: UsedToken) -> Result<()> {
    Entity::insert(used.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether `error` says that the token was used before.
pub(crate) fn is_taken(error: &DatabaseError) -> bool {
    error.is_taken(Entity.table_name())
}

pub(crate) async fn find(database: &impl Connection, digest: &TokenDigest) -> Result<Option<UsedToken>> {
    Ok(Entity::find_by_id(digest.as_str()).one(database).await?)
}

/// Deletes up to `limit` tokens that were used before `before`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, before: Timestamp, limit: u64) -> Result<u64> {
    let oldest = Entity::find().select_only().column(Column::Digest).filter(Column::UsedAt.lt(before));
    let oldest = oldest.order_by_asc(Column::UsedAt).limit(limit).into_query();
    Ok(Entity::delete_many().filter(Column::Digest.in_subquery(oldest)).exec(tx).await?.rows_affected)
}
