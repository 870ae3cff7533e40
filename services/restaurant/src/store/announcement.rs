//! Which campaigns are to be announced, and which were; in the rows of `restaurant_campaign`.

use clock::Timestamp;
use contracts::{CampaignId, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use super::campaign::{ActiveModel, Campaign, Column, Entity, WITHDRAWAL, of};

/// More are not counted.
const MOST_ATTEMPTS: i16 = 1_000;

/// A campaign that is to be announced, and how often that has failed.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub(crate) struct DueCampaign {
    pub(crate) id: CampaignId,
    pub(crate) restaurant_id: RestaurantId,
    #[sea_orm(from_alias = "announce_attempts")]
    pub(crate) attempts: i16,
}

/// Up to `limit` campaigns that are to be announced by `now`, the longest due first.
pub(crate) async fn list_due(database: &impl Connection, now: Timestamp, limit: u64) -> Result<Vec<DueCampaign>> {
    let due = Entity::find().filter(is_unannounced()).filter(due_at().lte(now)).order_by_asc(due_at()).limit(limit);
    let columns = due.select_only().column(Column::Id).column(Column::RestaurantId).column(Column::AnnounceAttempts);
    Ok(columns.into_model().all(database).await?)
}

/// Says that the campaign is announced as it was read, since `announced_at`; false if somebody was faster, or has changed it.
pub(crate) async fn conclude(
    tx: &WriteTransaction,
    campaign: &Campaign,
    announced_at: Option<Timestamp>,
) -> Result<bool> {
    let columns = ActiveModel {
        announced_version: Set(campaign.version),
        announced_at: Set(announced_at),
        announce_after: Set(None),
        announce_attempts: Set(0),
        ..Default::default()
    };
    let same = Entity::update_many().set(columns).filter(Column::Id.eq(campaign.id));
    let same = same.filter(Column::Version.eq(campaign.version)).filter(is_unannounced());
    Ok(same.exec(tx).await?.rows_affected > 0)
}

/// Lets a campaign that could not be announced wait until then, so that others come before it.
pub(crate) async fn put_off(tx: &WriteTransaction, id: CampaignId, until: Timestamp) -> Result<()> {
    let columns = ActiveModel { announce_after: Set(Some(until)), ..Default::default() };
    let attempts = || Expr::col(Column::AnnounceAttempts);
    let counted = Expr::case(attempts().lt(MOST_ATTEMPTS), attempts().add(1)).finally(attempts());
    let due = Entity::update_many().set(columns).col_expr(Column::AnnounceAttempts, counted.into());
    due.filter(Column::Id.eq(id)).filter(is_unannounced()).filter(due_at().lte(tx.now())).exec(tx).await?;
    Ok(())
}

/// The campaigns of a restaurant that are announced and go on.
pub(crate) async fn list_announced(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<Vec<Campaign>> {
    let announced = Entity::find().filter(is_announced(restaurant_id, tx.now()));
    Ok(announced.order_by_asc(Column::EndDate).order_by_asc(Column::Id).all(tx).await?)
}

/// Makes of each of them what [`Campaign::taken_back`] does of one.
pub(crate) async fn take_back(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<()> {
    let columns = ActiveModel { announced_version: Set(0), announced_at: Set(None), ..Default::default() };
    let next = Expr::col(Column::Version).add(WITHDRAWAL);
    let announced = Entity::update_many().set(columns).col_expr(Column::Version, next);
    announced.filter(is_announced(restaurant_id, tx.now())).exec(tx).await?;
    Ok(())
}

fn is_announced(restaurant_id: RestaurantId, now: Timestamp) -> Expr {
    of(Some(restaurant_id)).and(Column::EndDate.gt(now)).and(Column::AnnouncedAt.is_not_null())
}

/// As it stands in the index: a value beside the statement would not let a database know that they fit.
fn is_unannounced() -> Expr {
    Expr::cust("announced_version < version AND NOT hidden AND restaurant_id IS NOT NULL")
}

/// As it stands there, too.
fn due_at() -> Expr {
    Expr::cust("coalesce(announce_after, start_date)")
}
