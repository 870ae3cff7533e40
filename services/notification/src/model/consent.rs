//! Whether a mailbox wants commercial mail: what it said last, and what keeps a mail from it.

use clock::Timestamp;

/// What a mailbox said of commercial mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Consent {
    /// Whether it agrees.
    pub(crate) is_granted: bool,
    /// When it said so.
    pub(crate) said_at: Timestamp,
}

/// Why no commercial mail goes to a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// Since when it wants none.
    pub(crate) unsubscribed_at: Option<Timestamp>,
    /// When a server said that it does not exist.
    pub(crate) bounced_at: Option<Timestamp>,
}

impl Suppression {
    /// Whether it keeps back a mail whose reader agreed at `consent_at`, as far as that is known. To agree anew makes no mailbox.
    pub(crate) fn keeps_back(&self, consent_at: Option<Timestamp>) -> bool {
        let is_later = |at: Timestamp| consent_at.is_none_or(|consent_at| at >= consent_at);
        self.bounced_at.is_some() || self.unsubscribed_at.is_some_and(is_later)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_a_reader_said_after_they_agreed_keeps_a_mail_back() {
        let [first, second] = [1, 2].map(|second| Timestamp::UNIX_EPOCH + Duration::from_secs(second));
        let unsubscribed = |at| Suppression { unsubscribed_at: Some(at), bounced_at: None };

        assert!(unsubscribed(second).keeps_back(Some(first)));
        assert!(unsubscribed(first).keeps_back(Some(first)));
        assert!(unsubscribed(first).keeps_back(None));
        assert!(!unsubscribed(first).keeps_back(Some(second)));
        assert!(Suppression { unsubscribed_at: None, bounced_at: Some(first) }.keeps_back(Some(second)));
    }
}
