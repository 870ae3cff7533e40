//! What has become of the mails of a campaign so far.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, Event};

/// How many mails of a campaign came to which end, in all; whoever keeps it applies only what has a larger version than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignCounted {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Larger than before.
    pub version: i64,
    /// A mail server has them, or may have: what is ambiguous is among them.
    pub sent: u64,
    /// Their readers wanted none by then.
    pub suppressed: u64,
    /// They can't be delivered; those of `bounced` and `refused` are among them.
    pub failed: u64,
    /// The campaign was over before their turn came.
    pub dropped: u64,
    /// Their mailboxes do not exist.
    pub bounced: u64,
    /// A mail server refused them by its policy.
    pub refused: u64,
    /// When it was counted.
    pub at: DateTime<Utc>,
}

impl Event for CampaignCounted {
    const TOPIC: &'static str = "campaign_counted";
    const TYPE: &'static str = "lezzetlimani.campaign.counted.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"campaign_id":"018f0000-0000-7000-8000-000000000001","version":7,"sent":950,"suppressed":12,"failed":9,"dropped":0,"bounced":7,"refused":1,"at":"2026-01-01T12:00:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.campaign_id.to_string()
    }
}
