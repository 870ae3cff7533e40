//! What a mail says of an offer, in words that its reader knows; the preview of a campaign says the same.

use contracts::{Locale, Offer};

use crate::local_time;

/// Stands before the subject of commercial mail, by which its reader knows it.
#[must_use]
pub fn offer_label(locale: Locale) -> &'static str {
    locale.say("Kampanya", "Campaign")
}

/// What is known, each with what it is called.
#[must_use]
pub fn offer_facts(offer: &Offer, locale: Locale) -> Vec<(&'static str, String)> {
    let [restaurant, code, until] = match locale {
        Locale::Tr => ["Restoran", "Kampanya kodu", "Son geçerlilik"],
        Locale::En => ["Restaurant", "Code", "Valid until"],
    };
    let known = [
        (restaurant, offer.restaurant.clone()),
        (code, offer.code.clone()),
        (until, offer.ends_at.map(|at| local_time(at, locale))),
    ];
    known.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}
