//! What a mail will say of a campaign, as far as the restaurant has written it.

use contracts::Locale;
use kit::local_time;

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
        let (subject, [of, code, until]) = match locale {
            Locale::Tr => ("Kampanya", ["Restoran", "Kupon kodu", "Son geçerlilik"]),
            Locale::En => ("Offer", ["Restaurant", "Coupon code", "Valid until"]),
        };
        let facts = [
            (of, Some(restaurant.to_owned())),
            (code, parts.code.as_ref().map(|code| code.as_str().to_owned())),
            (until, Some(local_time(parts.end_date, locale))),
        ];
        let facts = facts.into_iter().filter_map(|(label, value)| Some(format!("{label}: {}", value?)));
        let title = parts.title.as_str();
        let text = [title, parts.description.as_str(), &facts.collect::<Vec<_>>().join("\n")].join("\n\n");
        Self { locale, subject: format!("{subject}: {title}"), text }
    }
}
