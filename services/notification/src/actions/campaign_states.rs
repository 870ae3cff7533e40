//! Campaigns that stand, go on or have ended, and what that is for their mails that wait.

use std::time::Duration;

use clock::Timestamp;
use contracts::{CampaignId, CampaignStateChanged, MailingState};
use database::WriteTransaction;

use crate::error::NotificationError;
use crate::state::Notification;
use crate::store;
use crate::store::campaign_state::CampaignState;
use crate::store::mail::Mail;

/// How often mails of campaigns are brought forward or ended.
pub(crate) const CAMPAIGN_INTERVAL: Duration = Duration::from_secs(1);
/// Mails that one transaction changes, so that nobody waits long behind it.
const BATCH: u64 = 500;
/// Batches of a campaign in one round, so that a stop does not wait for long.
const MOST_BATCHES: u32 = 100;
/// How long mails of a campaign that stands are not touched.
const HOLD_DELAY: Duration = Duration::from_secs(60 * 60);

/// Keeps what becomes of the mails of a campaign, unless something newer is known; the transaction is the event's. Those that wait are
/// changed some at a time, by themselves.
pub(crate) async fn follow_campaign(tx: &WriteTransaction, changed: &CampaignStateChanged) -> database::Result<()> {
    store::campaign_state::put(tx, changed).await
}

/// Brings forward what waits of campaigns that go on, and ends what waits of those that were ended.
///
/// # Errors
/// The last one; all other campaigns were worked on nevertheless.
pub(crate) async fn apply_campaign_states(notification: &Notification) -> Result<(), NotificationError> {
    let (mut done, mut last) = (Ok(()), None);
    while let Some(campaign) = store::campaign_state::next_due(&notification.context.database, last).await? {
        if let Err(error) = apply(notification, campaign).await {
            tracing::debug!(%campaign, %error, "the mails of a campaign that wait can't be changed");
            done = Err(error);
        }
        last = Some(campaign);
    }
    done
}

async fn apply(notification: &Notification, campaign: CampaignId) -> Result<(), NotificationError> {
    for _ in 0..MOST_BATCHES {
        let tx = notification.context.database.begin_read_committed().await?;
        let Some(state) = store::campaign_state::find(&tx, campaign).await? else { return Ok(()) };
        let changed = match (state.state, state.held_until) {
            (MailingState::Running, Some(until)) if until > tx.now() => {
                store::mail::release(&tx, campaign, until, BATCH).await?
            }
            (MailingState::Running | MailingState::Paused, _) => 0,
            (MailingState::Cancelled, _) => store::mail::drop_waiting(&tx, campaign, BATCH).await?,
        };
        // What others are claiming at this moment asks for the state itself.
        let is_last = changed < BATCH;
        if is_last {
            store::campaign_state::finish(&tx, campaign, state.version).await?;
        }
        tx.commit().await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// What was heard of the campaign of `mail`; nothing of most.
pub(super) async fn find(tx: &WriteTransaction, mail: &Mail) -> database::Result<Option<CampaignState>> {
    match mail.campaign_id {
        Some(campaign) => store::campaign_state::find(tx, campaign).await,
        None => Ok(None),
    }
}

/// Until when a mail waits whose campaign stands. The next ones of it wait as well: one by one they would have to be claimed for that,
/// before the mails of all other campaigns.
pub(super) async fn hold(tx: &WriteTransaction, campaign: CampaignId) -> database::Result<Option<Timestamp>> {
    let held = store::campaign_state::hold(tx, campaign, tx.now() + HOLD_DELAY).await?;
    if let Some(until) = held {
        store::mail::hold_back(tx, campaign, until, BATCH).await?;
    }
    Ok(held)
}
