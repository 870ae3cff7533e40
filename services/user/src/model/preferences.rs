//! The user's language, and consent to commercial mail, which the law wants dated and with the text that was agreed to.

use chrono::TimeDelta;
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum CommercialMail {
    /// The user never answered, so it may not.
    #[default]
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
    /// What applies after `answer` at `now`. The same answer again keeps the date of the first one; another one is later than that,
    /// whatever the clocks say, because of two answers everybody believes the later one.
    pub(crate) fn answered(self, answer: CommercialMailAnswer, now: Timestamp) -> Self {
        use CommercialMailAnswer::{Grant, Refuse};
        let now = self.at().map_or(now, |at| now.max(at + TimeDelta::milliseconds(1)));
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

    /// What applies after an answer that was given elsewhere at `at`, if it is later than this one. Consent to a text that nobody
    /// knows is none.
    pub(crate) fn heard(self, granted: bool, at: Timestamp, text_version: Option<TextVersion>) -> Option<Self> {
        if self.at().is_some_and(|known| known >= at) {
            return None;
        }
        let text_version = text_version.or(match self {
            Self::Unanswered => None,
            Self::Granted { text_version, .. } => Some(text_version),
            Self::Refused { text_version, .. } => text_version,
        });
        match (granted, text_version) {
            (true, Some(text_version)) => Some(Self::Granted { at, text_version }),
            (true, None) => None,
            (false, text_version) => Some(Self::Refused { at, text_version }),
        }
    }

    /// When the user answered.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Unanswered => None,
            Self::Granted { at, .. } | Self::Refused { at, .. } => Some(*at),
        }
    }

    pub(crate) fn is_granted(&self) -> bool {
        matches!(self, Self::Granted { .. })
    }

    /// The text of the answer.
    pub(crate) fn text_version(&self) -> Option<&TextVersion> {
        match self {
            Self::Unanswered => None,
            Self::Granted { text_version, .. } => Some(text_version),
            Self::Refused { text_version, .. } => text_version.as_ref(),
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
    fn another_answer_is_later_even_where_the_clock_is_not() {
        let granted = CommercialMail::Unanswered.answered(Grant { text_version: version("1") }, day(2));

        let withdrawn = granted.answered(Refuse { text_version: None }, day(1));

        assert_eq!(withdrawn.at(), Some(day(2) + TimeDelta::milliseconds(1)));
    }

    #[test]
    fn of_two_answers_the_later_one_applies() {
        let granted = CommercialMail::Unanswered.answered(Grant { text_version: version("1") }, day(2));

        let refused = granted.clone().heard(false, day(3), None);

        assert_eq!(refused, Some(CommercialMail::Refused { at: day(3), text_version: Some(version("1")) }));
        assert_eq!((granted.clone().heard(false, day(1), None), granted.heard(false, day(2), None)), (None, None));
        assert_eq!(CommercialMail::Unanswered.heard(true, day(1), None), None, "to which text is not known");
    }

    #[test]
    fn consent_can_be_given_after_a_refusal() {
        let refused = CommercialMail::Unanswered.answered(Refuse { text_version: None }, day(1));

        let granted = refused.clone().answered(Grant { text_version: version("1") }, day(2));

        assert_eq!(refused, CommercialMail::Refused { at: day(1), text_version: None });
        assert_eq!(granted, CommercialMail::Granted { at: day(2), text_version: version("1") });
    }
}
