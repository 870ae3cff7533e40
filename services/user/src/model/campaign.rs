//! A campaign as it stands here: what it says, where it is on its way to those who follow its restaurant, and when it stops by itself.

use clock::Timestamp;
use contracts::{AnnouncedCampaign, CampaignCounted};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// What a mail of it says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct CampaignText {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) restaurant_name: String,
    /// What the restaurant cooks, by the names that it gives itself.
    pub(crate) cuisines: Vec<String>,
    pub(crate) code: Option<String>,
}

/// Where a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum CampaignState {
    /// Nobody has been mailed yet.
    Waiting,
    /// Some of its followers are behind it.
    Running,
    /// It stands until somebody lets it go on.
    Paused,
    /// All followers are behind it.
    Ended,
    /// Nobody else is mailed.
    Cancelled,
    /// It was over before it was heard of, so nobody was mailed.
    Skipped,
}

/// Why a campaign stands, or was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum CampaignReason {
    /// Somebody who runs the platform wanted it.
    Operator,
    /// Too many of its mailboxes do not exist.
    Bounced,
    /// Mail servers refuse it by their policy.
    Refused,
    /// Its restaurant took it back.
    Withdrawn,
}

impl CampaignState {
    /// The word in columns and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether followers are still to be mailed by itself.
    pub(crate) fn goes_on(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }

    /// After an announcement that ends at `ends_at`. Only where nobody was mailed yet does that decide.
    pub(crate) fn announced(self, ends_at: Timestamp, now: Timestamp) -> Self {
        match self {
            Self::Waiting | Self::Skipped if ends_at <= now => Self::Skipped,
            Self::Waiting | Self::Skipped => Self::Waiting,
            Self::Running | Self::Paused | Self::Ended | Self::Cancelled => self,
        }
    }
}

impl CampaignReason {
    /// The word in columns and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl CampaignText {
    pub(crate) fn of(title: &str, description: &str, campaign: &AnnouncedCampaign) -> Self {
        Self {
            title: title.to_owned(),
            description: description.to_owned(),
            restaurant_name: campaign.restaurant_name.clone(),
            cuisines: campaign.cuisines.clone(),
            code: campaign.code.clone(),
        }
    }
}

/// What mail servers made of a campaign's mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ServerAnswers {
    /// Mails that a server took or will never take.
    pub(crate) ended: i64,
    pub(crate) bounced: i64,
    pub(crate) refused: i64,
}

/// Fewer answers say nothing in percent.
const FEWEST_ANSWERS: i64 = 500;
/// Of so many one bad answer is too much: 2 %.
const ONE_IN: i64 = 50;
/// So many refusals, if they are most answers, stop a campaign that has just begun.
const FEWEST_REFUSALS: i64 = 5;

impl ServerAnswers {
    /// What has come since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            ended: self.ended - before.ended,
            bounced: self.bounced - before.bounced,
            refused: self.refused - before.refused,
        }
    }

    /// Why the campaign has to stand.
    pub(crate) fn objection(self) -> Option<CampaignReason> {
        let is_too_much = |bad: i64| self.ended >= FEWEST_ANSWERS && bad * ONE_IN > self.ended;
        let are_most_refused = self.refused >= FEWEST_REFUSALS && self.refused * 2 > self.ended;
        if is_too_much(self.refused) || are_most_refused {
            Some(CampaignReason::Refused)
        } else if is_too_much(self.bounced) {
            Some(CampaignReason::Bounced)
        } else {
            None
        }
    }
}

impl From<&CampaignCounted> for ServerAnswers {
    fn from(counted: &CampaignCounted) -> Self {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            ended: count(counted.sent).saturating_add(count(counted.failed)),
            bounced: count(counted.bounced),
            refused: count(counted.refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_stands_for_more_than_two_bad_answers_of_a_hundred() {
        let objection = |ended, bounced, refused| ServerAnswers { ended, bounced, refused }.objection();

        assert_eq!(objection(500, 10, 10), None);
        assert_eq!(objection(500, 11, 0), Some(CampaignReason::Bounced));
        assert_eq!(objection(500, 0, 11), Some(CampaignReason::Refused));
        assert_eq!(objection(499, 400, 4), None, "too few say nothing");
    }

    #[test]
    fn a_campaign_that_is_mostly_refused_stands_at_once() {
        let objection = |ended, refused| ServerAnswers { ended, bounced: 0, refused }.objection();

        assert_eq!(objection(5, 5), Some(CampaignReason::Refused));
        assert_eq!(objection(9, 5), Some(CampaignReason::Refused));
        assert_eq!(objection(10, 5), None);
        assert_eq!(objection(4, 4), None);
    }

    #[test]
    fn what_an_operator_has_let_pass_counts_no_more() {
        let (then, now) = (
            ServerAnswers { ended: 500, bounced: 100, refused: 0 },
            ServerAnswers { ended: 1_000, bounced: 105, refused: 0 },
        );

        assert_eq!(now.objection(), Some(CampaignReason::Bounced));
        assert_eq!(now.since(then).objection(), None);
    }

    #[test]
    fn an_announcement_decides_only_where_nobody_was_mailed() {
        use CampaignState::{Cancelled, Ended, Paused, Running, Skipped, Waiting};
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let (past, future) = (now, now + std::time::Duration::from_secs(1));

        assert_eq!((Waiting.announced(past, now), Skipped.announced(future, now)), (Skipped, Waiting));
        for state in [Running, Paused, Ended, Cancelled] {
            assert_eq!((state.announced(past, now), state.announced(future, now)), (state, state));
        }
    }
}
