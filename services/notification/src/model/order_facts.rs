//! Of which order a mail speaks, in words that a reader recognises.

use contracts::{Locale, OrderUpdate};
use kit::local_time;

use super::asked::Fact;

/// What is known, in `locale`.
pub(crate) fn facts(order: &OrderUpdate, locale: Locale) -> Vec<Fact> {
    let [code, restaurant, total, when, why] = match locale {
        Locale::Tr => ["Sipariş kodu", "Restoran", "Tutar", "Beklenen saat", "Neden"],
        Locale::En => ["Order code", "Restaurant", "Total", "Expected at", "Why"],
    };
    let known = [
        (code, Some(order.code.clone())),
        (restaurant, Some(order.restaurant.clone())),
        (total, Some(amount(&order.total, locale))),
        (when, order.target_at.map(|at| local_time(at, locale))),
        (why, reason(order, locale)),
    ];
    known.into_iter().filter_map(|(label, value)| Some(Fact { label, value: value? })).collect()
}

/// Turkish writes a comma.
fn amount(total: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{} ₺", total.replace('.', ",")),
        Locale::En => format!("₺{total}"),
    }
}

/// A word that is not known here says nothing; what a person has written says it.
fn reason(order: &OrderUpdate, locale: Locale) -> Option<String> {
    let known = match (order.reason.as_deref()?, locale) {
        ("closed", Locale::Tr) => "Restoran kapalı",
        ("closed", Locale::En) => "The restaurant is closed",
        ("sold_out", Locale::Tr) => "Bir ürün tükendi",
        ("sold_out", Locale::En) => "Something is sold out",
        ("too_busy", Locale::Tr) => "Restoran çok yoğun",
        ("too_busy", Locale::En) => "The restaurant is too busy",
        ("area", Locale::Tr) => "Adres servis alanının dışında",
        ("area", Locale::En) => "The address is outside the delivery area",
        ("no_answer", Locale::Tr) => "Restoran zamanında yanıt vermedi",
        ("no_answer", Locale::En) => "The restaurant did not answer in time",
        ("payment_refused", Locale::Tr) => "Kart ödemeyi yapmadı",
        ("payment_refused", Locale::En) => "The card did not pay",
        _ => "",
    };
    let parts = [known, order.reason_text.as_deref().unwrap_or_default()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}
