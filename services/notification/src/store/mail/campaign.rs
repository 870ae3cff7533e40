//! Mails of a campaign that wait: held back while it stands, due again when it goes on, ended when it is.

use clock::Timestamp;
use contracts::{CampaignId, EmailAddress, MailClass, MailingState};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType, Order, Query, SelectStatement};
use sea_orm::{ExprTrait, QuerySelect};

use super::{ActiveModel, Column, Entity, State, ended, recorded};
use crate::store::campaign_state;

/// Lets up to `limit` of the mails of `campaign` that are due wait until then.
pub(crate) async fn hold_back(tx: &WriteTransaction, campaign: CampaignId, until: Timestamp, limit: u64) -> Result<()> {
    let due = waiting(limit).and_where(Column::CampaignId.eq(campaign)).and_where(Column::NextAt.lte(tx.now())).take();
    change(tx, ActiveModel { next_at: Set(Some(until)), ..Default::default() }, due).await?;
    Ok(())
}

/// Makes up to `limit` of the mails of `campaign` due that were held back until then, and says how many.
pub(crate) async fn release(tx: &WriteTransaction, campaign: CampaignId, until: Timestamp, limit: u64) -> Result<u64> {
    let held = waiting(limit).and_where(Column::CampaignId.eq(campaign)).and_where(Column::NextAt.eq(until)).take();
    tx.announce(recorded(MailClass::Commercial));
    change(tx, ActiveModel { next_at: Set(Some(tx.now())), ..Default::default() }, held).await
}

/// Ends up to `limit` of the mails of `campaign` that wait, and says how many.
pub(crate) async fn drop_waiting(tx: &WriteTransaction, campaign: CampaignId, limit: u64) -> Result<u64> {
    let all = waiting(limit).and_where(Column::CampaignId.eq(campaign)).and_where(Column::NextAt.is_not_null()).take();
    change(tx, dropped("its campaign was ended", tx.now()), all).await
}

/// Ends up to `limit` of those that have waited since before `cutoff` and are of campaigns that stand, and says how many.
pub(crate) async fn drop_held(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let is_its_own = Expr::col((campaign_state::Entity, campaign_state::Column::CampaignId));
    let standing = Query::select()
        .expr(Expr::val(1))
        .from(campaign_state::Entity)
        .and_where(is_its_own.equals((Entity, Column::CampaignId)))
        .and_where(campaign_state::Column::State.ne(MailingState::Running))
        .take();
    let old = waiting(limit)
        .and_where(Column::NextAt.is_not_null())
        .and_where(Column::RecordedAt.lt(cutoff))
        .and_where(Expr::exists(standing))
        .order_by(Column::RecordedAt, Order::Asc)
        .take();
    change(tx, dropped("its campaign stood for too long", tx.now()), old).await
}

/// How many other mails of campaigns `recipient` got since `since`, may have got or is getting now; nobody counts further than to `limit`.
pub(crate) async fn count_of_campaigns(
    connection: &impl Connection,
    (mail, recipient): (Uuid, &EmailAddress),
    since: Timestamp,
    limit: u64,
) -> Result<u64> {
    let was_sent = Column::FinishedAt.gte(since).and(Column::State.is_in([State::Sent, State::Ambiguous]));
    let is_leaving = Column::FinishedAt.is_null().and(Column::State.eq(State::HandedOff));
    let others = Entity::find()
        .filter(Column::Recipient.eq(recipient.clone()))
        .filter(was_sent.or(is_leaving))
        .filter(Column::CampaignId.is_not_null())
        .filter(Column::Id.ne(mail));
    Ok(others.limit(limit).count(connection).await?)
}

/// Up to `limit` mails that wait, but for those that others are claiming at this moment.
fn waiting(limit: u64) -> SelectStatement {
    let mut waiting = Query::select();
    waiting.column(Column::Id).from(Entity).and_where(Column::State.eq(State::Pending)).limit(limit);
    waiting.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).take()
}

async fn change(tx: &WriteTransaction, row: ActiveModel, mails: SelectStatement) -> Result<u64> {
    let update = Entity::update_many().set(row).filter(Column::State.eq(State::Pending));
    Ok(update.filter(Column::Id.in_subquery(mails)).exec(tx).await?.rows_affected)
}

fn dropped(reason: &str, now: Timestamp) -> ActiveModel {
    let reply = ActiveModel { last_reply: Set(Some(reason.to_owned())), ..Default::default() };
    ended(reply, State::Dropped, now)
}
