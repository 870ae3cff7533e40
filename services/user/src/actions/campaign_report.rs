//! What is said of a campaign to who runs the platform.

use chrono::{DateTime, Utc};
use contracts::{CampaignId, RestaurantId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{CampaignReason, CampaignState};
use crate::store::campaign::Campaign;

/// A campaign, and what has become of its mails.
///
/// What is `queued` is `sent`, `suppressed`, `failed` or `expired` in the end, but for mails of which nothing is counted: a second
/// one to one mailbox, which two accounts may share, and one whose event has become a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignReport {
    /// The campaign.
    pub id: CampaignId,
    /// Whose it is.
    pub restaurant_id: RestaurantId,
    /// What that is called.
    pub restaurant: String,
    /// What the campaign is called.
    pub title: String,
    /// Where it is.
    pub state: CampaignState,
    /// Why it stands or was ended; `null` where nobody and nothing wanted that.
    pub reason: Option<CampaignReason>,
    /// Mails that were asked for.
    pub queued: i64,
    /// Mails that a mail server has, or may have.
    pub sent: i64,
    /// Mails whose readers wanted none by then.
    pub suppressed: i64,
    /// Followers who have not agreed to such mails.
    pub without_consent: i64,
    /// Followers whose mailbox is not known.
    pub without_address: i64,
    /// Followers who got enough such mails already.
    pub capped: i64,
    /// Mails that can't be delivered; those of `bounced` and `refused` are among them.
    pub failed: i64,
    /// Mails that were asked for and whose turn came after its end.
    pub expired: i64,
    /// Followers whose turn came after its end.
    pub dropped: i64,
    /// Mails whose mailbox does not exist.
    pub bounced: i64,
    /// Mails that a mail server refused by its policy.
    pub refused: i64,
    /// When it was announced: who followed by then is its audience.
    pub announced_at: DateTime<Utc>,
    /// When the first followers were taken on.
    pub started_at: Option<DateTime<Utc>>,
    /// When the next ones are; `null` where none are.
    pub next_at: Option<DateTime<Utc>>,
    /// When the campaign is over.
    pub ends_at: DateTime<Utc>,
    /// When all followers were behind it, or it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<Campaign> for CampaignReport {
    fn from(campaign: Campaign) -> Self {
        let (state, reason) = campaign.shown_state();
        Self {
            id: campaign.id,
            restaurant_id: campaign.restaurant_id,
            restaurant: campaign.payload.restaurant_name,
            title: campaign.payload.title,
            state,
            reason,
            queued: campaign.queued,
            sent: campaign.sent,
            suppressed: campaign.suppressed,
            without_consent: campaign.without_consent,
            without_address: campaign.without_address,
            capped: campaign.capped,
            failed: campaign.failed,
            expired: campaign.expired,
            dropped: campaign.dropped,
            bounced: campaign.bounced,
            refused: campaign.refused,
            announced_at: campaign.audience_at,
            started_at: campaign.started_at,
            next_at: campaign.next_at.filter(|_| state.goes_on()),
            ends_at: campaign.ends_at,
            ended_at: campaign.ended_at,
        }
    }
}
