//! Mails that somebody asked for about an address, whether it has an account or not.

use std::time::Duration;

use clock::Timestamp;
use contracts::EmailAddress;
use serde::{Deserialize, Serialize};

use super::limits::MailPurpose;
use super::origin::Origin;

/// Nobody waits any longer for a mail that could not be sent for a day.
const TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailRequest {
    pub(crate) purpose: MailPurpose,
    pub(crate) email: EmailAddress,
    pub(crate) origin: Origin,
    pub(crate) asked_at: Timestamp,
}

impl MailRequest {
    pub(crate) fn is_too_old(&self, now: Timestamp) -> bool {
        now > self.asked_at + TTL
    }
}
