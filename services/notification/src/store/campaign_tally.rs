//! `notification_campaign_tally`: what has become of the mails of each campaign.

use clock::Timestamp;
use contracts::CampaignId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_campaign_tally")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) campaign_id: CampaignId,
    /// Raised by each count.
    pub(crate) version: i64,
    pub(crate) sent: i64,
    pub(crate) suppressed: i64,
    /// With those of the last two.
    pub(crate) failed: i64,
    pub(crate) dropped: i64,
    pub(crate) bounced: i64,
    pub(crate) refused: i64,
    pub(crate) counted_at: Timestamp,
}

pub(crate) use Model as CampaignTally;

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn find(connection: &impl Connection, campaign: CampaignId) -> Result<Option<CampaignTally>> {
    Ok(Entity::find_by_id(campaign).one(connection).await?)
}

/// Keeps `tally` in place of the one before.
pub(crate) async fn put(tx: &WriteTransaction, tally: CampaignTally) -> Result<()> {
    let counts = [Column::Sent, Column::Suppressed, Column::Failed, Column::Dropped, Column::Bounced, Column::Refused];
    let anew = OnConflict::column(Column::CampaignId)
        .update_columns(counts.into_iter().chain([Column::Version, Column::CountedAt]))
        .to_owned();
    Entity::insert(tally.into_active_model()).on_conflict(anew).exec_without_returning(tx).await?;
    Ok(())
}
