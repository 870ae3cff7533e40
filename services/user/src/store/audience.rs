//! `user_audience`: how many follow a restaurant, how much has changed since that was counted, and how far a new count has come.

use clock::Timestamp;
use contracts::{RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, OnConflict};
use sea_orm::{IntoActiveModel, QueryOrder, Set};

/// The audience of a restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_audience")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) restaurant_id: RestaurantId,
    /// Since the last count began.
    pub(crate) changes: i64,
    /// So many of them are worth a new count.
    pub(crate) changes_needed: i64,
    /// How many there were when the count began that is under way.
    pub(crate) changes_at_start: i64,
    /// No new count begins before.
    pub(crate) rests_until: Timestamp,
    /// When a count is to begin or to go on.
    pub(crate) due_at: Option<Timestamp>,
    /// The last follower who was counted; none before a count has begun.
    pub(crate) cursor: Option<UserId>,
    /// So far.
    pub(crate) followers: i64,
    pub(crate) consenting: i64,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Audience;

/// Adds so many changes to the audience of each restaurant, and lets it be counted where that is worth while.
pub(crate) async fn change(tx: &WriteTransaction, changed: &[(RestaurantId, i64)]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let rows = changed.iter().map(|(restaurant_id, changes)| {
        let uncounted = Audience {
            restaurant_id: *restaurant_id,
            changes: *changes,
            changes_needed: 1,
            changes_at_start: 0,
            rests_until: Timestamp::UNIX_EPOCH,
            due_at: None,
            cursor: None,
            followers: 0,
            consenting: 0,
        };
        uncounted.into_active_model()
    });
    let more = Expr::col((Entity, Column::Changes)).add(Expr::col((Alias::new("excluded"), Column::Changes)));
    let counted = OnConflict::column(Column::RestaurantId).value(Column::Changes, more).to_owned();
    Entity::insert_many(rows).on_conflict(counted).exec_without_returning(tx).await?;
    let rested = Expr::case(Column::RestsUntil.gt(tx.now()), Expr::col(Column::RestsUntil)).finally(tx.now());
    Entity::update_many()
        .col_expr(Column::DueAt, rested.into())
        .filter(Column::RestaurantId.is_in(changed.iter().map(|(restaurant_id, _)| *restaurant_id)))
        .filter(Column::DueAt.is_null())
        .filter(Expr::col(Column::Changes).gte(Expr::col(Column::ChangesNeeded)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The audience that is due for longest.
pub(crate) async fn find_due(database: &impl Connection, now: Timestamp) -> Result<Option<Audience>> {
    Ok(Entity::find().filter(Column::DueAt.lte(now)).order_by_asc(Column::DueAt).one(database).await?)
}

/// The audience of the restaurant, if it is due and nobody has gone on with it since `cursor`, kept from others until the transaction
/// ends.
pub(crate) async fn claim_due(
    tx: &WriteTransaction,
    restaurant_id: RestaurantId,
    cursor: Option<UserId>,
) -> Result<Option<Audience>> {
    let claim = Entity::update_many().col_expr(Column::Changes, Expr::col(Column::Changes));
    let due = claim.filter(Column::RestaurantId.eq(restaurant_id)).filter(Column::DueAt.lte(tx.now()));
    let due = match cursor {
        Some(cursor) => due.filter(Column::Cursor.eq(cursor)),
        None => due.filter(Column::Cursor.is_null()),
    };
    Ok(due.exec_with_returning(tx).await?.pop())
}

/// Writes how far a count has come that was claimed.
pub(crate) async fn save(tx: &WriteTransaction, audience: Audience) -> Result<()> {
    let id = audience.restaurant_id;
    let columns = ActiveModel { restaurant_id: sea_orm::NotSet, ..audience.into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::RestaurantId.eq(id)).exec(tx).await?;
    Ok(())
}

/// Lets a count that has failed wait until then.
pub(crate) async fn put_off(tx: &WriteTransaction, restaurant_id: RestaurantId, until: Timestamp) -> Result<()> {
    let columns = ActiveModel { due_at: Set(Some(until)), ..Default::default() };
    let due = Entity::update_many().set(columns).filter(Column::RestaurantId.eq(restaurant_id));
    due.filter(Column::DueAt.lte(tx.now())).exec(tx).await?;
    Ok(())
}
