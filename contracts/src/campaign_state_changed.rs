//! The mails of a campaign are to stand, to go on or to end, or the campaign ends at another time.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::{CampaignId, Event};

/// What becomes of the mails of a campaign that have not left, also of those that were asked for before. Of a campaign of which nothing
/// was said, they leave. Whoever keeps it applies only what has a larger version than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignStateChanged {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Larger than before.
    pub version: i64,
    /// What becomes of them.
    pub state: MailingState,
    /// When the campaign ends: none leaves then.
    pub ends_at: DateTime<Utc>,
    /// When that was decided.
    pub at: DateTime<Utc>,
}

/// What becomes of mails of a campaign that have not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailingState {
    /// They leave.
    Running,
    /// They wait.
    Paused,
    /// They never leave: somebody has ended the campaign, or its restaurant has taken it back.
    Cancelled,
}

impl MailingState {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Event for CampaignStateChanged {
    const TOPIC: &'static str = "campaign_state_changed";
    const TYPE: &'static str = "lezzetlimani.campaign.state_changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"campaign_id":"018f0000-0000-7000-8000-000000000001","version":1,"state":"paused","ends_at":"2026-09-01T00:00:00Z","at":"2026-01-01T12:00:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.campaign_id.to_string()
    }
}
