//! Somebody agreed to commercial mail, or wants none any more.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::{EmailAddress, Event, UserId};

/// Whether commercial mail may go to a mailbox, since when, and how that is known. Whoever keeps it applies only what is later
/// than its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentChanged {
    /// The mailbox.
    pub email: EmailAddress,
    /// Whose it is, where that is known: a link in a mail does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Whether it may.
    pub granted: bool,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Where it was said.
    pub source: ConsentSource,
    /// The text that was agreed to, or withdrawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
}

/// Where somebody agreed, or withdrew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ConsentSource {
    /// In the preferences of their account.
    Preferences,
    /// By the link in a mail, or the button that a mail program makes of it.
    Link,
}

impl ConsentSource {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Event for ConsentChanged {
    const TOPIC: &'static str = "consent_changed";
    const TYPE: &'static str = "lezzetlimani.consent.changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"email":"ayse@example.com","user_id":"018f0000-0000-7000-8000-000000000001","granted":true,"at":"2026-01-01T12:00:00Z","source":"preferences","text_version":"2026-01"}"#,
        r#"{"email":"ayse@example.com","granted":false,"at":"2026-01-02T12:00:00Z","source":"link"}"#,
    ];

    fn key(&self) -> String {
        self.email.to_string()
    }
}
