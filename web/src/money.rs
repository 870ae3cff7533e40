//! Money as pages show it and as people type it.

use contracts::{Locale, Money};
use kit::{FieldValue, Text};

/// An amount, to the kuruş: `₺1.234,50` or `₺1,234.50`.
#[must_use]
pub fn amount(money: Money, locale: Locale) -> String {
    let kurus = money.kurus();
    format!("₺{}{}{:02}", grouped(kurus / 100, locale), decimal_sign(locale), kurus % 100)
}

/// The same without `,00`, for chips and never for sums.
#[must_use]
pub fn short_amount(money: Money, locale: Locale) -> String {
    if money.kurus() % 100 == 0 {
        format!("₺{}", grouped(money.kurus() / 100, locale))
    } else {
        amount(money, locale)
    }
}

/// An amount as it stands in a field, to be typed over: what [`TypedMoney`] reads.
#[must_use]
pub fn editable(money: Money, locale: Locale) -> String {
    match (money.kurus() / 100, money.kurus() % 100) {
        (lira, 0) => lira.to_string(),
        (lira, kurus) => format!("{lira}{}{kurus:02}", decimal_sign(locale)),
    }
}

/// An amount that is taken off, with the sign in front.
#[must_use]
pub fn deduction(money: Money, locale: Locale) -> String {
    format!("-{}", amount(money, locale))
}

/// `%10` or `10%`.
#[must_use]
pub fn percent(whole: u32, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("%{whole}"),
        Locale::En => format!("{whole}%"),
    }
}

/// An amount as somebody typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedMoney(pub Money);

impl FieldValue for TypedMoney {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let typed = raw.trim();
        let (lira, decimals) = typed.split_once([',', '.']).unwrap_or((typed, ""));
        let has_sign = typed.len() > lira.len();
        if !is_digits(lira) || (has_sign && !is_digits(decimals)) {
            let text = Text::new("Tutarı 12,50 gibi yazın.", "Write the amount like 12.50.");
            return Err(("NO_MONEY", text));
        }
        match decimals.len() {
            0..=2 => from_parts(lira, decimals).map(Self).ok_or_else(too_large),
            3 if lira.len() <= 3 => Err(ambiguous(lira, decimals)),
            _ => {
                Err(("TOO_MANY_DECIMALS", Text::new("En çok iki basamak kuruş yazın.", "Write two decimals at most.")))
            }
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn from_parts(lira: &str, decimals: &str) -> Option<Money> {
    let kurus: i64 = format!("{decimals:0<2}").parse().ok()?;
    Money::from_kurus(lira.parse::<i64>().ok()?.checked_mul(100)?.checked_add(kurus)?).ok()
}

fn too_large() -> (&'static str, Text) {
    ("TOO_LARGE", Text::new("Bu tutar çok büyük.", "This amount is too large."))
}

/// `1.250` is a thousand and a quarter to one reader and one lira and a quarter to another.
fn ambiguous(lira: &str, decimals: &str) -> (&'static str, Text) {
    let short = decimals.trim_end_matches('0');
    let (tr, en) =
        (format!("{lira}{decimals} mi, {lira},{short:0<2} mi?"), format!("{lira}{decimals}, or {lira}.{short:0<2}?"));
    ("AMBIGUOUS_MONEY", Text { tr: tr.into(), en: en.into() })
}

fn decimal_sign(locale: Locale) -> &'static str {
    locale.say(",", ".")
}

fn grouped(lira: i64, locale: Locale) -> String {
    let digits = lira.to_string();
    let sign = locale.say(".", ",");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push_str(sign);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lira(kurus: i64) -> Money {
        Money::from_kurus(kurus).unwrap()
    }

    fn typed(text: &str) -> Result<i64, &'static str> {
        TypedMoney::parse(text.to_owned()).map(|TypedMoney(money)| money.kurus()).map_err(|(code, _)| code)
    }

    #[test]
    fn money_is_written_as_each_language_does() {
        for (kurus, tr, en) in [
            (0, "₺0,00", "₺0.00"),
            (5, "₺0,05", "₺0.05"),
            (99_900, "₺999,00", "₺999.00"),
            (123_450, "₺1.234,50", "₺1,234.50"),
            (1_000_000_000_000, "₺10.000.000.000,00", "₺10,000,000,000.00"),
        ] {
            assert_eq!((amount(lira(kurus), Locale::Tr), amount(lira(kurus), Locale::En)), (tr.into(), en.into()));
        }
        assert_eq!(short_amount(lira(15_000), Locale::Tr), "₺150");
        assert_eq!(short_amount(lira(1_990), Locale::Tr), "₺19,90");
        assert_eq!(deduction(lira(1_990), Locale::Tr), "-₺19,90");
        assert_eq!((percent(10, Locale::Tr), percent(10, Locale::En)), ("%10".to_owned(), "10%".to_owned()));
    }

    #[test]
    fn an_amount_is_taken_as_people_type_it_and_never_guessed() {
        for (text, read) in [
            ("150", Ok(15_000)),
            (" 19,9 ", Ok(1_990)),
            ("19.90", Ok(1_990)),
            ("0,05", Ok(5)),
            ("1.250", Err("AMBIGUOUS_MONEY")),
            ("1250,125", Err("TOO_MANY_DECIMALS")),
            ("1.234,50", Err("NO_MONEY")),
            ("₺5", Err("NO_MONEY")),
            ("-5", Err("NO_MONEY")),
            ("5,", Err("NO_MONEY")),
            (",5", Err("NO_MONEY")),
            ("", Err("NO_MONEY")),
            ("99999999999999999999", Err("TOO_LARGE")),
            ("10000000001", Err("TOO_LARGE")),
        ] {
            assert_eq!(typed(text), read, "{text}");
        }
        let (_, text) = TypedMoney::parse("1.250".to_owned()).unwrap_err();
        assert_eq!((text.tr.as_ref(), text.en.as_ref()), ("1250 mi, 1,25 mi?", "1250, or 1.25?"));
    }

    proptest! {
        #[test]
        fn what_is_shown_without_groups_is_read_back(kurus in 0..100_000_i64) {
            for locale in [Locale::Tr, Locale::En] {
                let shown = amount(lira(kurus), locale);
                prop_assert_eq!(typed(shown.trim_start_matches('₺')), Ok(kurus));
            }
        }

        #[test]
        fn what_stands_in_a_field_is_read_back(kurus in 0..1_000_000_000_000_i64) {
            for locale in [Locale::Tr, Locale::En] {
                prop_assert_eq!(typed(&editable(lira(kurus), locale)), Ok(kurus));
            }
        }

        #[test]
        fn no_text_breaks_the_reading_of_money(text in any::<String>()) {
            let _ = typed(&text).is_ok();
        }
    }
}
