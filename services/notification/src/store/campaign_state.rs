//! `notification_campaign_state`: campaigns whose mails stand, have ended, or end at another time than they say.

use clock::Timestamp;
use contracts::{CampaignId, CampaignStateChanged, MailingState};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, OnConflict, Query};
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_campaign_state")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) campaign_id: CampaignId,
    /// That of the newest that was heard.
    pub(crate) version: i64,
    pub(crate) state: MailingState,
    /// When none of its mails leaves any more.
    pub(crate) ends_at: Timestamp,
    /// Until when mails wait that stand, or did.
    pub(crate) held_until: Option<Timestamp>,
    /// Set while mails that wait are to be brought forward or ended.
    pub(crate) due_at: Option<Timestamp>,
}

pub(crate) use Model as CampaignState;

impl ActiveModelBehavior for ActiveModel {}

impl CampaignState {
    /// Whether no mail of it leaves any more.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.state == MailingState::Cancelled || self.ends_at <= now
    }
}

/// Keeps what was heard, unless something newer is known. Mails that wait are due to be brought forward or ended.
pub(crate) async fn put(tx: &WriteTransaction, changed: &CampaignStateChanged) -> Result<()> {
    let due_at = match changed.state {
        MailingState::Running | MailingState::Cancelled => Some(tx.now()),
        MailingState::Paused => None,
    };
    let row = Model {
        campaign_id: changed.campaign_id,
        version: changed.version,
        state: changed.state,
        ends_at: changed.ends_at,
        held_until: None,
        due_at,
    };
    let newer = OnConflict::column(Column::CampaignId)
        .update_columns([Column::Version, Column::State, Column::EndsAt, Column::DueAt])
        .action_and_where(Expr::col((Entity, Column::Version)).lt(changed.version))
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(newer).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(connection: &impl Connection, campaign: CampaignId) -> Result<Option<CampaignState>> {
    Ok(Entity::find_by_id(campaign).one(connection).await?)
}

/// Until when mails of `campaign` wait, if it stands: as before, or `until` where that is past, or its end where that is sooner. It
/// stands until the transaction ends.
pub(crate) async fn hold(tx: &WriteTransaction, campaign: CampaignId, until: Timestamp) -> Result<Option<Timestamp>> {
    let held_until = CaseStatement::new()
        .case(Column::HeldUntil.gt(tx.now()), Expr::col(Column::HeldUntil))
        .case(Column::EndsAt.lt(until), Expr::col(Column::EndsAt))
        .finally(Expr::val(until));
    let held = Entity::update_many()
        .col_expr(Column::HeldUntil, held_until.into())
        .filter(Column::CampaignId.eq(campaign))
        .filter(Column::State.eq(MailingState::Paused));
    Ok(held.exec_with_returning(tx).await?.pop().and_then(|row| row.held_until))
}

/// The first campaign behind `after` whose mails are to be brought forward or ended.
pub(crate) async fn next_due(connection: &impl Connection, after: Option<CampaignId>) -> Result<Option<CampaignId>> {
    let mut due = Entity::find().filter(Column::DueAt.is_not_null()).order_by_asc(Column::CampaignId);
    if let Some(after) = after {
        due = due.filter(Column::CampaignId.gt(after));
    }
    Ok(due.select_only().column(Column::CampaignId).into_tuple().one(connection).await?)
}

/// Notes that nothing is left to do of what `version` said.
pub(crate) async fn finish(tx: &WriteTransaction, campaign: CampaignId, version: i64) -> Result<()> {
    let done = ActiveModel { due_at: Set(None), ..Default::default() };
    let same = Entity::update_many().set(done).filter(Column::CampaignId.eq(campaign));
    same.filter(Column::Version.eq(version)).exec(tx).await?;
    Ok(())
}

/// Forgets up to `limit` campaigns that ended before `cutoff`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let old = Query::select()
        .column(Column::CampaignId)
        .from(Entity)
        .and_where(Column::EndsAt.lt(cutoff))
        .limit(limit)
        .take();
    let delete = Entity::delete_many().filter(Column::CampaignId.in_subquery(old));
    Ok(delete.exec(tx).await?.rows_affected)
}
