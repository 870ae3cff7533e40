//! Texts of these pages that hold values, in both languages side by side.

use contracts::Locale;

pub(super) fn delete_restaurant(name: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Silinecek restoran: {name}"),
        Locale::En => format!("Delete the restaurant {name}?"),
    }
}

pub(super) fn delete_meal(name: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Silinecek yemek: {name}"),
        Locale::En => format!("Delete the dish {name}?"),
    }
}

pub(super) fn delete_category(name: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Silinecek bölüm: {name}"),
        Locale::En => format!("Delete the section {name}?"),
    }
}

pub(super) fn delete_group(name: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Silinecek seçenek grubu: {name}"),
        Locale::En => format!("Delete the option group {name}?"),
    }
}

pub(super) fn withdraw_campaign(title: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Geri çekilecek kampanya: {title}"),
        Locale::En => format!("Withdraw the campaign {title}?"),
    }
}

pub(super) fn sold_out_until(clock: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("Tükendi · dönüş {clock}"),
        Locale::En => format!("Sold out · back {clock}"),
    }
}

/// What is chosen of an option group: `en az 1, en çok 3`.
pub(super) fn choices(min: u16, max: Option<u16>, locale: Locale) -> String {
    match (locale, max) {
        (Locale::Tr, Some(max)) => format!("en az {min}, en çok {max}"),
        (Locale::Tr, None) => format!("en az {min}"),
        (Locale::En, Some(max)) => format!("at least {min}, at most {max}"),
        (Locale::En, None) => format!("at least {min}"),
    }
}

pub(super) fn options(count: usize, locale: Locale) -> String {
    match (locale, count) {
        (Locale::Tr, count) => format!("{count} seçenek"),
        (Locale::En, 1) => "1 option".to_owned(),
        (Locale::En, count) => format!("{count} options"),
    }
}

pub(super) fn minutes(count: u16, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{count} dakika"),
        Locale::En => format!("{count} minutes"),
    }
}

pub(super) fn row(name: &str, number: usize, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{name} {number}. aralık"),
        Locale::En => format!("{name}, interval {number}"),
    }
}
