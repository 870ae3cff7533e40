//! What a mail will say of a campaign, as far as the restaurant has written it.

use contracts::{Locale, Offer};
use kit::{offer_facts, offer_label};

use super::CampaignParts;

/// A mail about a campaign, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CampaignMail {
    pub(crate) locale: Locale,
    pub(crate) subject: String,
    /// In paragraphs, and a line for each fact.
    pub(crate) text: String,
}

impl CampaignMail {
    /// The mail about what `restaurant` promises.
    pub(crate) fn new(parts: &CampaignParts, restaurant: &str, locale: Locale) -> Self {
        let offer = Offer {
            restaurant: Some(restaurant.to_owned()),
            code: parts.code.as_ref().map(|code| code.as_str().to_owned()),
            ends_at: Some(parts.end_date),
            ..Offer::default()
        };
        let facts = offer_facts(&offer, locale).into_iter().map(|(label, value)| format!("{label}: {value}"));
        let title = parts.title.as_str();
        let text = [title, parts.description.as_str(), &facts.collect::<Vec<_>>().join("\n")].join("\n\n");
        Self { locale, subject: format!("{}: {title}", offer_label(locale)), text }
    }
}
