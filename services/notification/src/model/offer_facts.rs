//! What a reader needs to know of an offer.

use contracts::{Locale, Offer};

use kit::local_time;

use super::asked::Fact;

/// What is known, in `locale`.
pub(crate) fn facts(offer: &Offer, locale: Locale) -> Vec<Fact> {
    let [restaurant, code, until] = match locale {
        Locale::Tr => ["Restoran", "Kampanya kodu", "Son geçerlilik"],
        Locale::En => ["Restaurant", "Code", "Valid until"],
    };
    let known = [
        (restaurant, offer.restaurant.clone()),
        (code, offer.code.clone()),
        (until, offer.ends_at.map(|at| local_time(at, locale))),
    ];
    known.into_iter().filter_map(|(label, value)| Some(Fact { label, value: value? })).collect()
}
