//! `cart_merge`: anonymous carts that went into those of users, and what is needed to finish and to answer that again.

use clock::Timestamp;
use contracts::UserId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::anonymous::{CartId, ETag, Taken};
use crate::model::{LinesBefore, MergeId, MergeResult};

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
    pub(crate) before: LinesBefore,
    /// Names both carts as they were, and how they were merged.
    pub(crate) etag: ETag,
    /// What was answered.
    pub(crate) result: MergeResult,
    pub(crate) merged_at: Timestamp,
    /// Since when it is gone from there.
    pub(crate) settled_at: Option<Timestamp>,
    /// The anonymous cart as it stood there; `None` where the release before merged it.
    pub(crate) guest: Option<String>,
    /// `created_at` of that, which no cart has that came behind it.
    pub(crate) base_created_at: Option<Timestamp>,
    /// Since when the user's cart is without it.
    pub(crate) undone_at: Option<Timestamp>,
    /// `created_at` of the anonymous cart that has it again.
    pub(crate) returned_as: Option<Timestamp>,
    /// Since when it has.
    pub(crate) returned_at: Option<Timestamp>,
    /// The version that it made of the user's cart: by it the merges of a user are ordered, since processes that make their ids
    /// have clocks of their own. 0 where the release before merged it.
    pub(crate) cart_version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Merge;

pub(crate) async fn insert(tx: &WriteTransaction, merge: Merge) -> Result<()> {
    Entity::insert(merge.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The user's merge of this id.
pub(crate) async fn find(database: &impl Connection, id: MergeId, user_id: UserId) -> Result<Option<Merge>> {
    Ok(Entity::find_by_id(id).filter(Column::UserId.eq(user_id)).one(database).await?)
}

/// The merge of that state of the cart, or of one from which it came, whoever's it was.
pub(crate) async fn find_of_base(
    database: &impl Connection,
    cart_id: CartId,
    (etag, created_at): (&ETag, Timestamp),
) -> Result<Option<Merge>> {
    let is_base = Condition::any().add(Column::BaseEtag.eq(etag.clone())).add(Column::BaseCreatedAt.eq(created_at));
    Ok(of_cart(cart_id).filter(is_base).order_by_desc(Column::Id).one(database).await?)
}

/// A merge of the cart that has not been finished, or its undoing.
pub(crate) async fn find_unfinished(database: &impl Connection, cart_id: CartId) -> Result<Option<Merge>> {
    Ok(of_cart(cart_id).filter(is_unsettled().add(is_unreturned())).one(database).await?)
}

/// Whether a merge of the cart was undone.
pub(crate) async fn has_undone(database: &impl Connection, cart_id: CartId) -> Result<bool> {
    Ok(of_cart(cart_id).filter(Column::UndoneAt.is_not_null()).count(database).await? > 0)
}

/// The earliest `created_at` of a cart at this key that was merged, or is there again.
pub(crate) async fn find_earliest(database: &impl Connection, cart_id: CartId) -> Result<Option<Timestamp>> {
    let earliest = of_cart(cart_id).select_only().column_as(Column::BaseCreatedAt.min(), "base_created_at");
    let earliest = earliest.column_as(Column::ReturnedAs.min(), "returned_as");
    let found: Option<(Option<Timestamp>, Option<Timestamp>)> = earliest.into_tuple().one(database).await?;
    Ok(found.and_then(|(base, returned)| base.into_iter().chain(returned).min()))
}

/// The last merge of the cart by this user, unless it was before `cutoff` or is undone.
pub(crate) async fn find_last(
    database: &impl Connection,
    (cart_id, user_id): (CartId, UserId),
    cutoff: Timestamp,
) -> Result<Option<Merge>> {
    let of_user = of_cart(cart_id).filter(Column::UserId.eq(user_id)).filter(Column::MergedAt.gte(cutoff));
    let of_user = of_user.filter(Column::UndoneAt.is_null());
    Ok(of_user.order_by_desc(Column::CartVersion).order_by_desc(Column::Id).one(database).await?)
}

/// The merges of the same user that came behind this one and are not undone.
pub(crate) async fn list_later(database: &impl Connection, merge: &Merge) -> Result<Vec<Merge>> {
    let of_user = Entity::find().filter(Column::UserId.eq(merge.user_id));
    let later = of_user.filter(Column::CartVersion.gt(merge.cart_version)).filter(Column::UndoneAt.is_null());
    Ok(later.order_by_asc(Column::CartVersion).all(database).await?)
}

fn of_cart(cart_id: CartId) -> Select<Entity> {
    Entity::find().filter(Column::AnonymousCartId.eq(cart_id))
}

fn is_unsettled() -> Condition {
    Condition::any().add(Column::SettledAt.is_null())
}

fn is_unreturned() -> Condition {
    Condition::all().add(Column::UndoneAt.is_not_null()).add(Column::ReturnedAt.is_null())
}

/// Finished, and its undoing, too.
fn is_finished() -> Condition {
    let is_returned = Condition::any().add(Column::UndoneAt.is_null()).add(Column::ReturnedAt.is_not_null());
    Condition::all().add(Column::SettledAt.is_not_null()).add(is_returned)
}

/// Up to `limit` unfinished merges behind `after`, in the order of their ids. They are not read.
pub(crate) async fn list_unfinished(database: &impl Connection, after: MergeId, limit: u64) -> Result<Vec<MergeId>> {
    // Each has an index of its own.
    let mut unfinished: Vec<MergeId> = Vec::new();
    for condition in [is_unsettled(), is_unreturned()] {
        let merges = Entity::find().filter(condition).filter(Column::Id.gt(after)).order_by_asc(Column::Id);
        let ids = merges.limit(limit).select_only().column(Column::Id).into_tuple::<MergeId>();
        unfinished.extend(ids.all(database).await?);
    }
    unfinished.sort_by_key(|id| id.0);
    unfinished.dedup();
    unfinished.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(unfinished)
}

/// The merge, whoever's it is.
pub(crate) async fn find_of_anyone(database: &impl Connection, id: MergeId) -> Result<Option<Merge>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// Marks what it took as gone from there.
pub(crate) async fn mark_taken(tx: &WriteTransaction, id: MergeId) -> Result<()> {
    update(tx, id, ActiveModel { settled_at: Set(Some(tx.now())), ..Default::default() }).await
}

/// Marks the merge as undone, and the state that was merged as one that may be merged again.
pub(crate) async fn undo(tx: &WriteTransaction, id: MergeId, returned_as: Timestamp) -> Result<()> {
    let base_etag = Set(format!("undone {}", id.0).parse().expect("any text is a tag"));
    let (undone_at, returned_as) = (Set(Some(tx.now())), Set(Some(returned_as)));
    update(tx, id, ActiveModel { base_etag, undone_at, returned_as, ..Default::default() }).await
}

/// Marks what the merge had taken as being back.
pub(crate) async fn mark_returned(tx: &WriteTransaction, id: MergeId) -> Result<()> {
    update(tx, id, ActiveModel { returned_at: Set(Some(tx.now())), ..Default::default() }).await
}

async fn update(tx: &WriteTransaction, id: MergeId, columns: ActiveModel) -> Result<()> {
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Finished merges of the user besides the newest `kept`, up to `limit`.
pub(crate) async fn list_surplus(
    tx: &WriteTransaction,
    user_id: UserId,
    (kept, limit): (u64, u64),
) -> Result<Vec<MergeId>> {
    let of_user = Entity::find().filter(Column::UserId.eq(user_id)).filter(is_finished());
    let surplus = of_user.order_by_desc(Column::CartVersion).order_by_desc(Column::Id).offset(kept).limit(limit);
    Ok(surplus.select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Finished merges before `cutoff`, oldest first, up to `limit`.
pub(crate) async fn list_old(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<Vec<MergeId>> {
    let old = Entity::find().filter(Column::MergedAt.lt(cutoff)).filter(is_finished());
    Ok(old.order_by_asc(Column::MergedAt).limit(limit).select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Forgets these, at least one.
pub(crate) async fn delete(tx: &WriteTransaction, ids: Vec<MergeId>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}
