//! Texts with values, both languages side by side.

use contracts::{Locale, Money, PaymentMethod};
use web::money;

use crate::model::{Allergen, CampaignParts, DiscountKind};

/// `1 restaurant`; Turkish has the singular behind every number.
pub(super) fn restaurants(count: u64, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{count} restoran"),
        Locale::En if count == 1 => "1 restaurant".to_owned(),
        Locale::En => format!("{count} restaurants"),
    }
}

pub(super) fn search_of(query: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Arama: {query}"),
        Locale::En => format!("Search: {query}"),
    }
}

pub(super) fn filters(active: usize, locale: Locale) -> String {
    let title = locale.say("Süzgeçler", "Filters");
    if active == 0 { title.to_owned() } else { format!("{title} ({active})") }
}

pub(super) fn open(until: Option<&str>, locale: Locale) -> String {
    let open = locale.say("Açık", "Open");
    match until {
        Some(until) => format!("{open} · {} {until}", locale.say("kapanış", "closes")),
        None => open.to_owned(),
    }
}

pub(super) fn closed(until: Option<&str>, locale: Locale) -> String {
    let closed = locale.say("Kapalı", "Closed");
    match until {
        Some(until) => format!("{closed} · {} {until}", locale.say("açılış", "opens")),
        None => closed.to_owned(),
    }
}

pub(super) fn last_order_is_over(locale: Locale) -> &'static str {
    locale.say("Bugünlük sipariş alımı bitti", "No more orders today")
}

pub(super) fn closure(from: &str, until: &str, locale: Locale) -> String {
    format!("{}: {from} – {until}", locale.say("Kapalı", "Closed"))
}

pub(super) fn with_note(text: &str, note: Option<&str>) -> String {
    note.map_or_else(|| text.to_owned(), |note| format!("{text} · {note}"))
}

/// In hundredths; `None` where nobody has rated it.
pub(super) fn rating(average: i32, count: i32, locale: Locale) -> Option<String> {
    let tenths = (average + 5) / 10;
    let mean = format!("{}{}{}", tenths / 10, locale.say(",", "."), tenths % 10);
    (average > 0).then(|| match locale {
        Locale::Tr => format!("Puan {mean} · {count} oy"),
        Locale::En if count == 1 => format!("Rated {mean} · 1 rating"),
        Locale::En => format!("Rated {mean} · {count} ratings"),
    })
}

pub(super) fn delivery_fee(fee: Money, locale: Locale) -> String {
    if fee == Money::ZERO {
        locale.say("Teslimat ücretsiz", "Free delivery").to_owned()
    } else {
        format!("{} {}", locale.say("Teslimat", "Delivery"), money::short_amount(fee, locale))
    }
}

pub(super) fn free_delivery_from(from: Money, locale: Locale) -> String {
    let from = money::short_amount(from, locale);
    match locale {
        Locale::Tr => format!("Ücretsiz teslimat alt sınırı {from}"),
        Locale::En => format!("Free delivery from {from}"),
    }
}

pub(super) fn min_order(least: Money, locale: Locale) -> Option<String> {
    (least > Money::ZERO).then(|| format!("{} {}", locale.say("En az", "At least"), money::short_amount(least, locale)))
}

pub(super) fn prep_time(minutes: i16, locale: Locale) -> Option<String> {
    (minutes > 0).then(|| match locale {
        Locale::Tr => format!("Hazırlık {minutes} dk"),
        Locale::En => format!("Ready in {minutes} min"),
    })
}

/// Up to so much, as a filter says it.
pub(super) fn at_most(amount: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("En çok {amount}"),
        Locale::En => format!("Up to {amount}"),
    }
}

pub(super) fn at_least(amount: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("En az {amount}"),
        Locale::En => format!("At least {amount}"),
    }
}

/// How many of a group are to be chosen.
pub(super) fn choices(min: u16, max: Option<u16>, locale: Locale) -> String {
    match (min, max) {
        (0, None) => locale.say("İsteğe bağlı", "Optional").to_owned(),
        (0, Some(max)) => match locale {
            Locale::Tr => format!("İsteğe bağlı, en çok {max}"),
            Locale::En => format!("Optional, up to {max}"),
        },
        (1, Some(1)) => locale.say("Birini seçin", "Choose one").to_owned(),
        (min, None) => match locale {
            Locale::Tr => format!("En az {min} tane seçin"),
            Locale::En => format!("Choose {min} or more"),
        },
        (min, Some(max)) if min == max => match locale {
            Locale::Tr => format!("{min} tane seçin"),
            Locale::En => format!("Choose {min}"),
        },
        (min, Some(max)) => match locale {
            Locale::Tr => format!("{min}–{max} tane seçin"),
            Locale::En => format!("Choose {min} to {max}"),
        },
    }
}

/// An option with what it adds to the price. The second one of the same kind and the next are numbered.
pub(super) fn option(name: &str, number: u16, price: Money, locale: Locale) -> String {
    let numbered = if number == 1 { name.to_owned() } else { format!("{number}. {name}") };
    if price == Money::ZERO { numbered } else { format!("{numbered} (+{})", money::short_amount(price, locale)) }
}

pub(super) fn sold_out(back: Option<&str>, locale: Locale) -> String {
    let sold_out = locale.say("Tükendi", "Sold out");
    match back {
        Some(back) => format!("{sold_out} · {} {back}", locale.say("yeniden", "back")),
        None => sold_out.to_owned(),
    }
}

pub(super) fn not_served_now(mealtime: Option<&str>, locale: Locale) -> String {
    let now = locale.say("Şu an servis edilmiyor", "Not served right now");
    mealtime.map_or_else(|| now.to_owned(), |mealtime| format!("{now} ({mealtime})"))
}

/// What a campaign gives off; `None` where that is nothing that can be counted.
pub(super) fn discount(parts: &CampaignParts, locale: Locale) -> Option<String> {
    let value = parts.value.unwrap_or_default();
    let given = match parts.kind? {
        DiscountKind::Percent => {
            let percent = percent(value, locale);
            let off = match locale {
                Locale::Tr => format!("{percent} indirim"),
                Locale::En => format!("{percent} off"),
            };
            let most = parts.max_discount.map(|most| money::short_amount(most.into(), locale));
            most.map_or_else(|| off.clone(), |most| format!("{off}, {} {most}", locale.say("en çok", "up to")))
        }
        DiscountKind::Amount => {
            format!("{} {}", money::short_amount(value, locale), locale.say("indirim", "off"))
        }
        DiscountKind::FreeDelivery => locale.say("Teslimat ücretsiz", "Free delivery").to_owned(),
    };
    let least = parts.min_basket.filter(|least| *least > Money::ZERO);
    let least = least.map(|least| {
        let least = money::short_amount(least, locale);
        match locale {
            Locale::Tr => format!("sepet en az {least}"),
            Locale::En => format!("basket of at least {least}"),
        }
    });
    Some(least.map_or_else(|| given.clone(), |least| format!("{given} · {least}")))
}

/// Hundredths of a percent as whole ones, or with decimals where there are some.
fn percent(value: Money, locale: Locale) -> String {
    let (whole, rest) = (value.kurus() / 100, value.kurus() % 100);
    let number = match (rest, locale) {
        (0, _) => whole.to_string(),
        (rest, Locale::Tr) => format!("{whole},{rest:02}").trim_end_matches('0').to_owned(),
        (rest, Locale::En) => format!("{whole}.{rest:02}").trim_end_matches('0').to_owned(),
    };
    match locale {
        Locale::Tr => format!("%{number}"),
        Locale::En => format!("{number}%"),
    }
}

pub(super) fn payment_method(method: PaymentMethod, locale: Locale) -> &'static str {
    match method {
        PaymentMethod::Cash => locale.say("kapıda nakit", "cash at the door"),
        PaymentMethod::Pos => locale.say("kapıda kart", "card at the door"),
        PaymentMethod::CreditCard => locale.say("sipariş verirken kart", "card when ordering"),
    }
}

pub(super) fn allergen(allergen: Allergen, locale: Locale) -> &'static str {
    match allergen {
        Allergen::Gluten => locale.say("gluten", "gluten"),
        Allergen::Crustaceans => locale.say("kabuklu deniz ürünü", "crustaceans"),
        Allergen::Eggs => locale.say("yumurta", "eggs"),
        Allergen::Fish => locale.say("balık", "fish"),
        Allergen::Peanuts => locale.say("yer fıstığı", "peanuts"),
        Allergen::Soy => locale.say("soya", "soy"),
        Allergen::Milk => locale.say("süt", "milk"),
        Allergen::Nuts => locale.say("sert kabuklu yemiş", "nuts"),
        Allergen::Celery => locale.say("kereviz", "celery"),
        Allergen::Mustard => locale.say("hardal", "mustard"),
        Allergen::Sesame => locale.say("susam", "sesame"),
        Allergen::Sulphites => locale.say("sülfit", "sulphites"),
        Allergen::Lupin => locale.say("acı bakla", "lupin"),
        Allergen::Molluscs => locale.say("yumuşakça", "molluscs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_says_how_many_are_to_be_chosen() {
        let said = |min, max| choices(min, max, Locale::En);

        let texts =
            [said(0, None), said(0, Some(3)), said(1, Some(1)), said(2, None), said(2, Some(2)), said(1, Some(3))];
        let expected = ["Optional", "Optional, up to 3", "Choose one", "Choose 2 or more", "Choose 2", "Choose 1 to 3"];
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_mean_has_one_decimal_and_none_is_no_mean() {
        assert_eq!(rating(463, 212, Locale::Tr).as_deref(), Some("Puan 4,6 · 212 oy"));
        assert_eq!(rating(395, 1, Locale::En).as_deref(), Some("Rated 4.0 · 1 rating"));
        assert_eq!(rating(0, 0, Locale::Tr), None);
    }

    #[test]
    fn parts_of_a_percent_are_written_as_far_as_they_go() {
        let shown = |kurus| percent(Money::from_kurus(kurus).unwrap(), Locale::Tr);

        assert_eq!([shown(1_000), shown(1_250), shown(1_205)], ["%10", "%12,5", "%12,05"]);
    }
}
