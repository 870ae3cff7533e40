//! `cart_merge`: anonymous carts that went into those of users, and what is needed to finish and to answer that again.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::anonymous::{CartId, ETag, Taken};
use crate::model::{KeptLines, MergeId, MergeResult};

/// A merge.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_merge")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MergeId,
    pub(crate) anonymous_cart_id: CartId,
    pub(crate) user_id: UserId,
    /// Which state of the anonymous cart was merged: no state is merged twice.
    pub(crate) base_etag: ETag,
    /// What is to go from there.
    pub(crate) base: Taken,
    /// The user's cart until then.
    pub(crate) before: KeptLines,
    /// Names both carts as they were, and how they were merged.
    pub(crate) etag: ETag,
    /// What was answered.
    pub(crate) result: MergeResult,
    pub(crate) merged_at: Timestamp,
    /// Since when it is gone from there.
    pub(crate) settled_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Merge;

pub(crate) async fn insert(tx: &WriteTransaction, merge: Merge) -> Result<()> {
    Entity::insert(merge.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The merge of that state of the cart, whoever's it was.
pub(crate) async fn find_of_base(database: &impl Connection, cart_id: CartId, base: &ETag) -> Result<Option<Merge>> {
    let of_base = of_cart(cart_id).filter(Column::BaseEtag.eq(base.clone()));
    Ok(of_base.one(database).await?)
}

/// A merge of the cart that has not been finished.
pub(crate) async fn find_unsettled(database: &impl Connection, cart_id: CartId) -> Result<Option<Merge>> {
    Ok(of_cart(cart_id).filter(Column::SettledAt.is_null()).one(database).await?)
}

/// The last merge of the cart by this user, unless it was before `cutoff`.
pub(crate) async fn find_last(
    database: &impl Connection,
    (cart_id, user_id): (CartId, UserId),
    cutoff: Timestamp,
) -> Result<Option<Merge>> {
    let of_user = of_cart(cart_id).filter(Column::UserId.eq(user_id)).filter(Column::MergedAt.gte(cutoff));
    Ok(of_user.order_by_desc(Column::Id).one(database).await?)
}

fn of_cart(cart_id: CartId) -> Select<Entity> {
    Entity::find().filter(Column::AnonymousCartId.eq(cart_id))
}

/// Up to `limit` unfinished merges behind `after`, in the order of their ids.
pub(crate) async fn list_unsettled(database: &impl Connection, after: MergeId, limit: u64) -> Result<Vec<Merge>> {
    let unsettled = Entity::find().filter(Column::SettledAt.is_null()).filter(Column::Id.gt(after));
    Ok(unsettled.order_by_asc(Column::Id).limit(limit).all(database).await?)
}

/// Marks the merge as finished.
pub(crate) async fn finish(tx: &WriteTransaction, id: MergeId) -> Result<()> {
    let settled = ActiveModel { settled_at: Set(Some(tx.now())), ..Default::default() };
    Entity::update_many().set(settled).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Finished merges of the user besides the newest `kept`, up to `limit`.
pub(crate) async fn list_surplus(
    tx: &WriteTransaction,
    user_id: UserId,
    (kept, limit): (u64, u64),
) -> Result<Vec<MergeId>> {
    let of_user = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::SettledAt.is_not_null());
    let surplus = of_user.order_by_desc(Column::Id).offset(kept).limit(limit);
    Ok(surplus.select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Finished merges before `cutoff`, oldest first, up to `limit`.
pub(crate) async fn list_old(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<Vec<MergeId>> {
    let old = Entity::find().filter(Column::MergedAt.lt(cutoff)).filter(Column::SettledAt.is_not_null());
    Ok(old.order_by_asc(Column::MergedAt).limit(limit).select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Forgets these, at least one.
pub(crate) async fn delete(tx: &WriteTransaction, ids: Vec<MergeId>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}
