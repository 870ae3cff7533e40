//! `user_campaign`: campaigns as they were announced, and how far each has come.

use clock::Timestamp;
use contracts::{CampaignCounted, CampaignId, MailingState, RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, Set, UpdateMany};

use crate::model::{CampaignReason, CampaignState, CampaignText, ServerAnswers};

contracts::json_column!(CampaignText);
contracts::text_column!(CampaignState);
contracts::text_column!(CampaignReason);

/// A campaign.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_campaign")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CampaignId,
    /// That of the newest announcement; 0 until the first one is kept.
    pub(crate) version: i64,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) payload: CampaignText,
    pub(crate) ends_at: Timestamp,
    /// Whether the newest announcement takes it back; the state below stays what it was.
    pub(crate) is_withdrawn: bool,
    pub(crate) state: CampaignState,
    pub(crate) reason: Option<CampaignReason>,
    /// Who follows since then or before is its audience.
    pub(crate) audience_at: Timestamp,
    pub(crate) heard_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    /// The last follower who was taken on.
    pub(crate) cursor: Option<UserId>,
    /// When the next chunk is due of a campaign that goes on; of one that stands, when it ends: who was not mailed by then is counted.
    pub(crate) next_at: Option<Timestamp>,
    /// How often in a row its chunk has failed.
    pub(crate) attempts: i16,
    pub(crate) queued: i64,
    pub(crate) without_consent: i64,
    pub(crate) without_address: i64,
    pub(crate) capped: i64,
    /// Whose turn came after its end.
    pub(crate) dropped: i64,
    /// That of the newest counts of its mails, which follow.
    pub(crate) counted_version: i64,
    pub(crate) sent: i64,
    pub(crate) suppressed: i64,
    pub(crate) failed: i64,
    /// Mails that were queued and whose turn came after its end.
    pub(crate) expired: i64,
    pub(crate) bounced: i64,
    pub(crate) refused: i64,
    /// What there was of answers when an operator let it go on.
    pub(crate) excused_ended: i64,
    pub(crate) excused_bounced: i64,
    pub(crate) excused_refused: i64,
    /// That of what was published last of where its mails stand; 0 until something is.
    pub(crate) state_version: i64,
    /// When mails of it were recorded last, or it was heard last what has become of some.
    pub(crate) progress_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Campaign;

impl Campaign {
    /// One of which nothing is kept yet.
    pub(crate) fn unknown(id: CampaignId, restaurant_id: RestaurantId, recorded_at: Timestamp, now: Timestamp) -> Self {
        Self {
            id,
            version: 0,
            restaurant_id,
            payload: CampaignText::default(),
            ends_at: now,
            is_withdrawn: false,
            state: CampaignState::Waiting,
            reason: None,
            audience_at: recorded_at,
            heard_at: now,
            started_at: None,
            ended_at: None,
            cursor: None,
            next_at: None,
            attempts: 0,
            queued: 0,
            without_consent: 0,
            without_address: 0,
            capped: 0,
            dropped: 0,
            counted_version: 0,
            sent: 0,
            suppressed: 0,
            failed: 0,
            expired: 0,
            bounced: 0,
            refused: 0,
            excused_ended: 0,
            excused_bounced: 0,
            excused_refused: 0,
            state_version: 0,
            progress_at: None,
        }
    }

    /// Where it is, and why. One that was taken back is cancelled, wherever it was.
    pub(crate) fn shown_state(&self) -> (CampaignState, Option<CampaignReason>) {
        let is_under_way = self.state.goes_on() || self.state == CampaignState::Paused;
        if is_under_way && self.is_withdrawn {
            (CampaignState::Cancelled, Some(CampaignReason::Withdrawn))
        } else if self.state == CampaignState::Ended {
            (self.state, None)
        } else {
            (self.state, self.reason)
        }
    }

    /// What becomes of its mails that have not left, and until when they may.
    pub(crate) fn mailing(&self) -> (MailingState, Timestamp) {
        let state = match self.state {
            _ if self.is_withdrawn => MailingState::Cancelled,
            CampaignState::Cancelled => MailingState::Cancelled,
            CampaignState::Paused => MailingState::Paused,
            CampaignState::Waiting | CampaignState::Running | CampaignState::Ended | CampaignState::Skipped => {
                MailingState::Running
            }
        };
        (state, self.ends_at)
    }

    /// Mails that were recorded, and of which nobody has said yet how they ended.
    pub(crate) fn mails_under_way(&self) -> i64 {
        self.queued - self.sent - self.suppressed - self.failed - self.expired
    }

    /// What mail servers have made of its mails.
    pub(crate) fn answers(&self) -> ServerAnswers {
        let ended = self.sent.saturating_add(self.failed);
        ServerAnswers { ended, bounced: self.bounced, refused: self.refused }
    }

    /// How much of that an operator has let pass.
    pub(crate) fn excused(&self) -> ServerAnswers {
        ServerAnswers { ended: self.excused_ended, bounced: self.excused_bounced, refused: self.excused_refused }
    }
}

/// The row of the campaign, made of `unknown` where there is none, and kept from others until the transaction ends.
pub(crate) async fn claim(tx: &WriteTransaction, unknown: Campaign) -> Result<Campaign> {
    let same = OnConflict::column(Column::Id).update_column(Column::Id).to_owned();
    Ok(Entity::insert(unknown.into_active_model()).on_conflict(same).exec_with_returning(tx).await?)
}

/// Writes what an announcement decides of a campaign that was claimed.
pub(crate) async fn announce(tx: &WriteTransaction, campaign: &Campaign) -> Result<()> {
    let columns = ActiveModel {
        version: Set(campaign.version),
        restaurant_id: Set(campaign.restaurant_id),
        payload: Set(campaign.payload.clone()),
        ends_at: Set(campaign.ends_at),
        is_withdrawn: Set(campaign.is_withdrawn),
        state: Set(campaign.state),
        audience_at: Set(campaign.audience_at),
        next_at: Set(campaign.next_at),
        state_version: Set(campaign.state_version),
        ..Default::default()
    };
    update(columns, campaign.id).exec(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: CampaignId) -> Result<Option<Campaign>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// Up to `limit` campaigns behind one, newest first.
pub(crate) async fn list(database: &impl Connection, before: Option<CampaignId>, limit: u64) -> Result<Vec<Campaign>> {
    let mut all = Entity::find().order_by_desc(Column::Id).limit(limit);
    if let Some(before) = before {
        all = all.filter(Column::Id.lt(before));
    }
    Ok(all.all(database).await?)
}

/// The campaign whose chunk is due for longest, and how often that has failed.
pub(crate) async fn find_due(database: &impl Connection, now: Timestamp) -> Result<Option<(CampaignId, i16)>> {
    let due = Entity::find().filter(Column::NextAt.lte(now)).order_by_asc(Column::NextAt).limit(1).select_only();
    Ok(due.column(Column::Id).column(Column::Attempts).into_tuple().one(database).await?)
}

/// The campaign, if its chunk is due, kept from others until the transaction ends.
pub(crate) async fn claim_due(tx: &WriteTransaction, id: CampaignId) -> Result<Option<Campaign>> {
    let claim = Entity::update_many().col_expr(Column::Attempts, Expr::col(Column::Attempts));
    let due = claim.filter(Column::Id.eq(id)).filter(Column::NextAt.lte(tx.now()));
    changed(tx, due).await
}

/// Writes how far a campaign has come that was claimed.
pub(crate) async fn advance(tx: &WriteTransaction, campaign: &Campaign) -> Result<()> {
    let columns = ActiveModel {
        state: Set(campaign.state),
        started_at: Set(campaign.started_at),
        ended_at: Set(campaign.ended_at),
        cursor: Set(campaign.cursor),
        next_at: Set(campaign.next_at),
        attempts: Set(0),
        queued: Set(campaign.queued),
        without_consent: Set(campaign.without_consent),
        without_address: Set(campaign.without_address),
        capped: Set(campaign.capped),
        dropped: Set(campaign.dropped),
        progress_at: Set(campaign.progress_at),
        ..Default::default()
    };
    update(columns, campaign.id).exec(tx).await?;
    Ok(())
}

/// Lets a campaign wait until then, whose chunk has failed so often; one that somebody has stopped or moved on meanwhile is left alone.
pub(crate) async fn put_off(tx: &WriteTransaction, id: CampaignId, attempts: i16, until: Timestamp) -> Result<()> {
    let columns = ActiveModel { next_at: Set(Some(until)), attempts: Set(attempts), ..Default::default() };
    update(columns, id).filter(Column::NextAt.lte(tx.now())).exec(tx).await?;
    Ok(())
}

/// Keeps the newest counts of a campaign's mails; answers the campaign, where there is one and these are newer.
pub(crate) async fn count(tx: &WriteTransaction, counted: &CampaignCounted) -> Result<Option<Campaign>> {
    let number = |count: u64| Set(i64::try_from(count).unwrap_or(i64::MAX));
    let columns = ActiveModel {
        counted_version: Set(counted.version),
        progress_at: Set(Some(tx.now())),
        sent: number(counted.sent),
        suppressed: number(counted.suppressed),
        failed: number(counted.failed),
        expired: number(counted.dropped),
        bounced: number(counted.bounced),
        refused: number(counted.refused),
        ..Default::default()
    };
    let newer = update(columns, counted.campaign_id).filter(Column::CountedVersion.lt(counted.version));
    changed(tx, newer).await
}

/// Lets a campaign stand that goes on, or whose mails still leave; answers it as it is then.
pub(crate) async fn pause(tx: &WriteTransaction, id: CampaignId, reason: CampaignReason) -> Result<Option<Campaign>> {
    let columns = ActiveModel { state: Set(CampaignState::Paused), reason: Set(Some(reason)), ..Default::default() };
    let goes_on = Column::State.is_in([CampaignState::Waiting, CampaignState::Running]);
    let paused = standing(columns, id, goes_on.or(has_mails(tx.now())));
    changed(tx, paused.col_expr(Column::NextAt, Expr::col(Column::EndsAt))).await
}

/// Lets a campaign that stands go on; answers it as it is then.
pub(crate) async fn resume(tx: &WriteTransaction, id: CampaignId) -> Result<Option<Campaign>> {
    let columns =
        ActiveModel { reason: Set(None), next_at: Set(Some(tx.now())), attempts: Set(0), ..Default::default() };
    let goes_on = Expr::case(Column::StartedAt.is_null(), CampaignState::Waiting.as_str());
    let resumed = standing(columns, id, Column::State.eq(CampaignState::Paused))
        .col_expr(Column::State, goes_on.finally(CampaignState::Running.as_str()).into())
        .col_expr(Column::ExcusedEnded, Expr::col(Column::Sent).add(Expr::col(Column::Failed)))
        .col_expr(Column::ExcusedBounced, Expr::col(Column::Bounced))
        .col_expr(Column::ExcusedRefused, Expr::col(Column::Refused));
    changed(tx, resumed).await
}

/// Ends a campaign that is under way, or whose mails still leave; answers it as it is then.
pub(crate) async fn cancel(tx: &WriteTransaction, id: CampaignId) -> Result<Option<Campaign>> {
    let columns = ActiveModel {
        state: Set(CampaignState::Cancelled),
        reason: Set(Some(CampaignReason::Operator)),
        next_at: Set(None),
        ended_at: Set(Some(tx.now())),
        ..Default::default()
    };
    let under_way = Column::State.is_in([CampaignState::Waiting, CampaignState::Running, CampaignState::Paused]);
    changed(tx, standing(columns, id, under_way.or(has_mails(tx.now())))).await
}

/// All of its followers are behind it, and some of its mails may leave yet.
fn has_mails(now: Timestamp) -> Expr {
    let ended = [Column::Suppressed, Column::Failed, Column::Expired];
    let ended = ended.into_iter().fold(Expr::col(Column::Sent), |sum, count| sum.add(Expr::col(count)));
    let waits = Expr::col(Column::Queued).gt(ended);
    Column::State.eq(CampaignState::Ended).and(Column::EndsAt.gt(now)).and(waits)
}

fn update(columns: ActiveModel, id: CampaignId) -> UpdateMany<Entity> {
    Entity::update_many().set(columns).filter(Column::Id.eq(id))
}

/// Only where `is_so`, and where it was not taken back. What becomes of its mails is another thing then.
fn standing(columns: ActiveModel, id: CampaignId, is_so: Expr) -> UpdateMany<Entity> {
    let change = update(columns, id).filter(is_so).filter(Column::IsWithdrawn.eq(false));
    change.col_expr(Column::StateVersion, Expr::col(Column::StateVersion).add(1))
}

async fn changed(tx: &WriteTransaction, change: UpdateMany<Entity>) -> Result<Option<Campaign>> {
    Ok(change.exec_with_returning(tx).await?.pop())
}
