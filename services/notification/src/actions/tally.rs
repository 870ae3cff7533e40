//! What has become of the mails of each campaign: counted as they end, each once, and published.

use std::time::Duration;

use bus::outbox;
use clock::Timestamp;
use contracts::{CampaignCounted, CampaignId};

use crate::error::NotificationError;
use crate::model::verdict::RefusalCause;
use crate::state::Notification;
use crate::store;
use crate::store::campaign_tally::CampaignTally;
use crate::store::mail::State;

/// How often mails that have ended are counted; no campaign is published more often.
pub(crate) const TALLY_INTERVAL: Duration = Duration::from_secs(1);
/// Mails counted by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// Counts what has ended since the last round, some of each campaign.
///
/// # Errors
/// The last one; all other campaigns were counted nevertheless.
pub(crate) async fn tally_campaigns(notification: &Notification) -> Result<(), NotificationError> {
    let (mut done, mut last) = (Ok(()), None);
    while let Some(campaign) = store::mail::next_uncounted(&notification.context.database, last).await? {
        if let Err(error) = tally(notification, campaign).await {
            tracing::debug!(%campaign, %error, "the mails of a campaign can't be counted");
            done = Err(error);
        }
        last = Some(campaign);
    }
    done
}

/// Mails, tally and event change together; whoever hears the event knows exactly what the table says.
async fn tally(notification: &Notification, campaign: CampaignId) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_locked(&format!("notification tally {campaign}")).await?;
    let before = store::campaign_tally::find(&tx, campaign).await?;
    if before.is_some_and(|before| before.is_of_this_second(tx.now())) {
        return Ok(());
    }
    let ended = store::mail::uncounted(&tx, campaign, BATCH).await?;
    let mails: Vec<_> = ended.iter().map(|(mail, ..)| *mail).collect();
    if mails.is_empty() || store::mail::mark_counted(&tx, &mails, tx.now()).await? < mails.len() as u64 {
        return Ok(());
    }
    let mut tally = before.unwrap_or_else(|| CampaignTally::empty(campaign, tx.now()));
    for (_, state, refusal) in ended {
        tally.add(state, refusal);
    }
    tally = CampaignTally { version: tally.version + 1, counted_at: tx.now(), ..tally };
    store::campaign_tally::put(&tx, tally).await?;
    outbox::record(&tx, &tally.counted()).await?;
    Ok(tx.commit().await?)
}

impl CampaignTally {
    fn empty(campaign_id: CampaignId, counted_at: Timestamp) -> Self {
        let (sent, suppressed, failed, dropped, bounced, refused) = (0, 0, 0, 0, 0, 0);
        Self { campaign_id, version: 0, sent, suppressed, failed, dropped, bounced, refused, counted_at }
    }

    /// Whether another process has counted just now.
    fn is_of_this_second(&self, now: Timestamp) -> bool {
        self.counted_at <= now && now < self.counted_at + TALLY_INTERVAL
    }

    fn add(&mut self, state: State, refusal: Option<RefusalCause>) {
        match state {
            State::Sent | State::Ambiguous => self.sent += 1,
            State::Suppressed => self.suppressed += 1,
            State::Dropped => self.dropped += 1,
            State::Failed => {
                self.failed += 1;
                match refusal {
                    Some(RefusalCause::NoMailbox) => self.bounced += 1,
                    Some(RefusalCause::Policy) => self.refused += 1,
                    None => {}
                }
            }
            State::Pending | State::Claimed | State::HandedOff => {}
        }
    }

    fn counted(&self) -> CampaignCounted {
        CampaignCounted {
            campaign_id: self.campaign_id,
            version: self.version,
            sent: self.sent.cast_unsigned(),
            suppressed: self.suppressed.cast_unsigned(),
            failed: self.failed.cast_unsigned(),
            dropped: self.dropped.cast_unsigned(),
            bounced: self.bounced.cast_unsigned(),
            refused: self.refused.cast_unsigned(),
            at: self.counted_at,
        }
    }
}
