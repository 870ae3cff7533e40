//! What followers are written of a campaign, and how many they are.

use askama::Template;
use contracts::Locale;
use web::dates;

use crate::actions::{CampaignPreview, RestaurantPreview};
use crate::api::campaign_preview::uncounted;
use crate::model::CampaignMail;
use crate::store::audience::Audience as Counted;

/// The mails in both languages and their audience, as HTML.
#[derive(Template)]
#[template(path = "business/announcement.html")]
pub(super) struct Announcement {
    locale: Locale,
    mails: Vec<Mail>,
    audience: Option<Audience>,
}

/// A mail as followers of one language get it.
struct Mail {
    locale: Locale,
    /// How its language is called.
    language: &'static str,
    subject: String,
    text: String,
}

/// How many a campaign reaches: a number, or why there is none.
struct Audience {
    followers: String,
    consenting: String,
    /// As HTML.
    counted_at: Option<String>,
}

impl Announcement {
    pub(super) fn of(preview: CampaignPreview, locale: Locale) -> Self {
        let (mails, audience) = match preview.of_restaurant {
            Some(RestaurantPreview { mails, audience }) => {
                (mails.map(|mail| Mail::new(mail, locale)).into(), Some(Audience::new(audience, locale)))
            }
            None => (Vec::new(), None),
        };
        Self { locale, mails, audience }
    }
}

impl Mail {
    fn new(CampaignMail { locale, subject, text }: CampaignMail, of_page: Locale) -> Self {
        let language = match locale {
            Locale::Tr => of_page.say("Türkçe posta", "The mail in Turkish"),
            Locale::En => of_page.say("İngilizce posta", "The mail in English"),
        };
        Self { locale, language, subject, text }
    }
}

impl Audience {
    fn new(counted: Option<Counted>, locale: Locale) -> Self {
        let missing = uncounted(counted);
        let text = |number: Option<i64>| match number {
            Some(number) => number.to_string(),
            None => missing.in_locale(locale).to_owned(),
        };
        Self {
            followers: text(counted.and_then(|counted| counted.followers)),
            consenting: text(counted.and_then(|counted| counted.consenting)),
            counted_at: counted.and_then(|counted| counted.counted_at).map(|at| dates::time_element(at, locale)),
        }
    }
}
