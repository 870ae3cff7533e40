//! The user's language, and consent to commercial mail, which the law wants dated and with the text that was agreed to.

use clock::Timestamp;
use contracts::{Locale, ShortText};

/// Names the text that a user saw when asked for consent.
pub(crate) type TextVersion = ShortText<32>;

/// What applies to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) locale: Locale,
    pub(crate) commercial_mail: CommercialMail,
}

/// What a user has chosen so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedPreferences {
    pub(crate) locale: Option<Locale>,
    pub(crate) commercial_mail: CommercialMail,
}

/// What a user changes; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PreferencesChange {
    pub(crate) locale: Option<Locale>,
    pub(crate) commercial_mail: Option<CommercialMailAnswer>,
}

/// Whether commercial mail may be sent, since when, and by which text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommercialMail {
    /// The user never answered, so it may not.
    Unanswered,
    Granted {
        at: Timestamp,
        text_version: TextVersion,
    },
    Refused {
        at: Timestamp,
        /// The text that was refused, or to which consent was withdrawn.
        text_version: Option<TextVersion>,
    },
}

/// A user's answer. Consent is to a text; a refusal needs none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommercialMailAnswer {
    Grant { text_version: TextVersion },
    Refuse { text_version: Option<TextVersion> },
}

impl CommercialMail {
    /// What applies after `answer` at `now`. The same answer again keeps the date of the first one.
    pub(crate) fn answered(self, answer: CommercialMailAnswer, now: Timestamp) -> Self {
        use CommercialMailAnswer::{Grant, Refuse};
        match (self, answer) {
            (Self::Granted { at, text_version: agreed }, Grant { text_version }) if agreed == text_version => {
                Self::Granted { at, text_version }
            }
            (_, Grant { text_version }) => Self::Granted { at: now, text_version },
            (Self::Refused { at, text_version: refused }, Refuse { text_version }) => {
                Self::Refused { at, text_version: text_version.or(refused) }
            }
            (Self::Granted { text_version: agreed, .. }, Refuse { text_version }) => {
                Self::Refused { at: now, text_version: text_version.or(Some(agreed)) }
            }
            (Self::Unanswered, Refuse { text_version }) => Self::Refused { at: now, text_version },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CommercialMailAnswer::{Grant, Refuse};

    fn day(day: u32) -> Timestamp {
        format!("2026-03-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn version(name: &str) -> TextVersion {
        name.parse().unwrap()
    }

    #[test]
    fn consent_is_dated_when_it_is_first_given() {
        let granted = CommercialMail::Unanswered.answered(Grant { text_version: version("1") }, day(1));

        let again = granted.clone().answered(Grant { text_version: version("1") }, day(2));
        let to_a_new_text = granted.answered(Grant { text_version: version("2") }, day(3));

        assert_eq!(again, CommercialMail::Granted { at: day(1), text_version: version("1") });
        assert_eq!(to_a_new_text, CommercialMail::Granted { at: day(3), text_version: version("2") });
    }

    #[test]
    fn a_withdrawal_is_dated_and_remembers_what_it_withdrew() {
        let granted = CommercialMail::Granted { at: day(1), text_version: version("1") };

        let withdrawn = granted.answered(Refuse { text_version: None }, day(2));
        let again = withdrawn.clone().answered(Refuse { text_version: None }, day(3));

        assert_eq!(withdrawn, CommercialMail::Refused { at: day(2), text_version: Some(version("1")) });
        assert_eq!(again, withdrawn);
    }

    #[test]
    fn consent_can_be_given_after_a_refusal() {
        let refused = CommercialMail::Unanswered.answered(Refuse { text_version: None }, day(1));

        let granted = refused.clone().answered(Grant { text_version: version("1") }, day(2));

        assert_eq!(refused, CommercialMail::Refused { at: day(1), text_version: None });
        assert_eq!(granted, CommercialMail::Granted { at: day(2), text_version: version("1") });
    }
}
