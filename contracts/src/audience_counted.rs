//! How many a campaign of a restaurant would reach.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Event, RestaurantId};

/// How many follow a restaurant or what it cooks. So few that they could be guessed are not counted out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceCounted {
    /// The restaurant.
    pub restaurant_id: RestaurantId,
    /// All of them; `null` under [`AudienceCounted::LEAST_COUNTED`].
    pub followers: Option<u64>,
    /// Those among them who have agreed to commercial mail; `null` under [`AudienceCounted::LEAST_COUNTED`].
    pub consenting: Option<u64>,
    /// When it was counted; a later count replaces an earlier one.
    pub counted_at: DateTime<Utc>,
}

impl AudienceCounted {
    /// Fewer are not counted out, so that nobody learns who they are.
    pub const LEAST_COUNTED: u64 = 5;
}

impl Event for AudienceCounted {
    const TOPIC: &'static str = "audience_counted";
    const TYPE: &'static str = "lezzetlimani.audience.counted.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000002","followers":1204,"consenting":811,"counted_at":"2026-01-01T12:00:00Z"}"#,
        r#"{"restaurant_id":"018f0000-0000-7000-8000-000000000002","followers":7,"consenting":null,"counted_at":"2026-01-01T12:00:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.restaurant_id.to_string()
    }
}
