//! Mails of campaigns that have ended and are in no tally yet.

use clock::Timestamp;
use contracts::CampaignId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};

use super::{ActiveModel, Column, Entity, State};
use crate::model::verdict::RefusalCause;

/// The first campaign behind `after` that has such mails.
pub(crate) async fn next_uncounted(
    connection: &impl Connection,
    after: Option<CampaignId>,
) -> Result<Option<CampaignId>> {
    let mut ended = all_uncounted().order_by_asc(Column::CampaignId);
    if let Some(after) = after {
        ended = ended.filter(Column::CampaignId.gt(after));
    }
    let campaign: Option<Option<CampaignId>> =
        ended.select_only().column(Column::CampaignId).into_tuple().one(connection).await?;
    Ok(campaign.flatten())
}

/// Up to `limit` such mails of `campaign`, and how they ended.
pub(crate) async fn uncounted(
    tx: &WriteTransaction,
    campaign: CampaignId,
    limit: u64,
) -> Result<Vec<(Uuid, State, Option<RefusalCause>)>> {
    let ended = all_uncounted().filter(Column::CampaignId.eq(campaign)).order_by_asc(Column::Id).limit(limit);
    let columns = ended.select_only().column(Column::Id).column(Column::State).column(Column::Refusal);
    Ok(columns.into_tuple().all(tx).await?)
}

/// Notes that `mails` are in the tally, and says how many were not before.
pub(crate) async fn mark_counted(tx: &WriteTransaction, mails: &[Uuid], now: Timestamp) -> Result<u64> {
    let update = Entity::update_many()
        .set(ActiveModel { counted_at: Set(Some(now)), ..Default::default() })
        .filter(Column::Id.is_in(mails.iter().copied()))
        .filter(Column::CountedAt.is_null());
    Ok(update.exec(tx).await?.rows_affected)
}

fn all_uncounted() -> Select<Entity> {
    Entity::find()
        .filter(Column::CampaignId.is_not_null())
        .filter(Column::FinishedAt.is_not_null())
        .filter(Column::CountedAt.is_null())
}
