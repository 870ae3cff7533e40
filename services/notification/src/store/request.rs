//! `notification_request`: what was asked for under an idempotency key.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{IntoActiveModel, TryInsertResult};

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_request")]
pub(crate) struct Model {
    /// Who asked: two admins who choose the same key mean two requests.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key: String,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) asked_at: Timestamp,
}

pub(crate) use Model as Request;

impl ActiveModelBehavior for ActiveModel {}

/// Adds `request`; false if one stands there under its key.
pub(crate) async fn insert(tx: &WriteTransaction, request: Model) -> Result<bool> {
    let insert = Entity::insert(request.into_active_model())
        .on_conflict_do_nothing_on([Column::UserId, Column::Key])
        .exec_without_returning(tx);
    Ok(matches!(insert.await?, TryInsertResult::Inserted(rows) if rows > 0))
}

pub(crate) async fn find(connection: &impl Connection, user_id: UserId, key: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((user_id, key.to_owned())).one(connection).await?)
}

/// Deletes the request under this key, if it was asked before `cutoff`.
pub(crate) async fn forget(tx: &WriteTransaction, user_id: UserId, key: &str, cutoff: Timestamp) -> Result<()> {
    let old = Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Key.eq(key))
        .filter(Column::AskedAt.lte(cutoff));
    old.exec(tx).await?;
    Ok(())
}

/// Deletes up to `limit` of the requests that were asked before `cutoff`.
pub(crate) async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let old = Query::select()
        .columns([Column::UserId, Column::Key])
        .from(Entity)
        .and_where(Column::AskedAt.lte(cutoff))
        .limit(limit)
        .take();
    let key = Expr::tuple([Expr::col(Column::UserId), Expr::col(Column::Key)]);
    Ok(Entity::delete_many().filter(key.in_subquery(old)).exec(tx).await?.rows_affected)
}
