//! What a restaurant, or the platform, promises for a time, and what it gives off.

use std::str::FromStr;
use std::time::Duration;

use clock::Timestamp;
use contracts::{CatalogDiscount, Money, Price, ShortText, fold_coupon_code};
use kit::{Fault, FieldChange, FieldValue, Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

use super::{Description, TotalLimit, UserLimit};

/// What a campaign is called.
pub(crate) type Title = ShortText<128>;

/// So long a campaign lasts at most, and so long ahead it begins.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// All of it, in hundredths of a percent.
const WHOLE: i64 = 100 * 100;

/// What kind of discount it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum DiscountKind {
    /// A part of what the meals cost.
    Percent,
    /// A fixed amount.
    Amount,
    /// What the way costs.
    FreeDelivery,
}

/// What a diner types for a discount: 3 to 20 letters from A to Z and digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct CouponCode(String);

/// The text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidCode;

/// A campaign as it is written down. Each field is fine by itself; [`CampaignParts::check`] says whether they go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CampaignParts {
    pub(crate) title: Title,
    pub(crate) description: Description,
    pub(crate) start_date: Timestamp,
    pub(crate) end_date: Timestamp,
    /// `None` where the discount holds by itself.
    pub(crate) code: Option<CouponCode>,
    /// `None` where nothing is given off.
    pub(crate) kind: Option<DiscountKind>,
    /// Percent, or lira.
    pub(crate) value: Option<Money>,
    pub(crate) max_discount: Option<Price>,
    pub(crate) min_basket: Option<Money>,
    pub(crate) total_limit: Option<TotalLimit>,
    pub(crate) per_user_limit: Option<UserLimit>,
}

/// What changes in a campaign; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CampaignChange {
    pub(crate) title: Option<Title>,
    pub(crate) description: Option<Description>,
    pub(crate) start_date: Option<Timestamp>,
    pub(crate) end_date: Option<Timestamp>,
    pub(crate) code: FieldChange<CouponCode>,
    pub(crate) kind: FieldChange<DiscountKind>,
    pub(crate) value: FieldChange<Money>,
    pub(crate) max_discount: FieldChange<Price>,
    pub(crate) min_basket: FieldChange<Money>,
    pub(crate) total_limit: FieldChange<TotalLimit>,
    pub(crate) per_user_limit: FieldChange<UserLimit>,
}

impl DiscountKind {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl FieldValue for DiscountKind {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "İndirim türü percent, amount ya da free_delivery olmalıdır.",
            "The kind must be percent, amount or free_delivery.",
        );
        raw.parse().map_err(|_| ("KIND_UNKNOWN", text))
    }
}

impl CouponCode {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CouponCode {
    type Err = InvalidCode;

    fn from_str(typed: &str) -> Result<Self, InvalidCode> {
        let code = fold_coupon_code(typed);
        let is_code = (3..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_code { Ok(Self(code)) } else { Err(InvalidCode) }
    }
}

impl FieldValue for CouponCode {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "Kupon kodu A–Z harflerinden ve rakamlardan oluşan 3–20 karakter olmalıdır.",
            "A coupon code must be 3 to 20 letters from A to Z and digits.",
        );
        raw.parse().map_err(|InvalidCode| ("COUPON_CODE_INVALID", text))
    }
}

impl CampaignParts {
    /// What is wrong with the fields together, at `now`. What has ended is changed by a new end.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Vec<Fault>> {
        let mut faults = self.faults_of_dates(now);
        faults.extend(self.faults_of_discount());
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn faults_of_dates(&self, now: Timestamp) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.start_date > now + LONGEST {
            faults.push(Fault::new("start_date", "TOO_FAR", TOO_FAR));
        }
        if self.end_date <= self.start_date {
            faults.push(Fault::new("end_date", "ENDS_BEFORE_IT_BEGINS", ENDS_BEFORE_IT_BEGINS));
        } else if self.end_date <= now {
            faults.push(Fault::new("end_date", "TIME_PAST", TIME_PAST));
        } else if self.end_date - self.start_date > chrono::Duration::from_std(LONGEST).expect("it is a year") {
            faults.push(Fault::new("end_date", "TOO_LONG", TOO_LONG));
        }
        faults
    }

    fn faults_of_discount(&self) -> Vec<Fault> {
        let Some(kind) = self.kind else {
            let is_plain = self.code.is_none()
                && self.value.is_none()
                && self.max_discount.is_none()
                && self.min_basket.is_none()
                && self.total_limit.is_none()
                && self.per_user_limit.is_none();
            return if is_plain { Vec::new() } else { vec![Fault::new("kind", "REQUIRED", KIND_REQUIRED)] };
        };
        let (value, max_discount) = match kind {
            DiscountKind::Percent => (fault_of_value(self.value, WHOLE, PERCENT), None),
            DiscountKind::Amount => {
                (fault_of_value(self.value, Price::MAX.kurus(), AMOUNT), missing(self.max_discount))
            }
            DiscountKind::FreeDelivery => (missing(self.value), missing(self.max_discount)),
        };
        let of = |field, fault: Option<(&'static str, Text)>| fault.map(|(code, text)| Fault::new(field, code, text));
        let limits = self.total_limit.zip(self.per_user_limit);
        let above = limits.filter(|(total, user)| user.0 > total.0).map(|_| ("ABOVE_TOTAL_LIMIT", ABOVE_TOTAL_LIMIT));
        let faults = [of("value", value), of("max_discount", max_discount), of("per_user_limit", above)];
        faults.into_iter().flatten().collect()
    }

    /// Whether a diner could mean either by a code at the same time.
    pub(crate) fn shares_code(&self, other: &Self) -> bool {
        let meets = self.start_date < other.end_date && other.start_date < self.end_date;
        meets && self.code.is_some() && self.code == other.code
    }

    /// What is given off, if anything is.
    pub(crate) fn discount(&self) -> Option<CatalogDiscount> {
        let value = self.value.unwrap_or_default();
        Some(match self.kind? {
            DiscountKind::Percent => CatalogDiscount::Percent {
                value: u32::try_from(value.kurus()).unwrap_or(u32::MAX),
                max_discount_kurus: self.max_discount.map(Money::from),
            },
            DiscountKind::Amount => CatalogDiscount::Amount { value },
            DiscountKind::FreeDelivery => CatalogDiscount::FreeDelivery,
        })
    }

    /// The same with what `change` names.
    pub(crate) fn changed(self, change: CampaignChange) -> Self {
        Self {
            title: change.title.unwrap_or(self.title),
            description: change.description.unwrap_or(self.description),
            start_date: change.start_date.unwrap_or(self.start_date),
            end_date: change.end_date.unwrap_or(self.end_date),
            code: change.code.apply(self.code),
            kind: change.kind.apply(self.kind),
            value: change.value.apply(self.value),
            max_discount: change.max_discount.apply(self.max_discount),
            min_basket: change.min_basket.apply(self.min_basket),
            total_limit: change.total_limit.apply(self.total_limit),
            per_user_limit: change.per_user_limit.apply(self.per_user_limit),
        }
    }
}

fn fault_of_value(value: Option<Money>, most: i64, out_of_range: Text) -> Option<(&'static str, Text)> {
    match value {
        None => Some(("REQUIRED", VALUE_REQUIRED)),
        Some(value) if (1..=most).contains(&value.kurus()) => None,
        Some(_) => Some(("OUT_OF_RANGE", out_of_range)),
    }
}

fn missing<T>(value: Option<T>) -> Option<(&'static str, Text)> {
    value.map(|_| ("NOT_OF_THIS_KIND", NOT_OF_THIS_KIND))
}

const TOO_FAR: Text =
    Text::new("Kampanya en geç 366 gün içinde başlamalıdır.", "A campaign must begin within 366 days.");
const ENDS_BEFORE_IT_BEGINS: Text = Text::new("Kampanya başlamadan bitiyor.", "The campaign ends before it begins.");
const TIME_PAST: Text = Text::new("Kampanya gelecekte bitmelidir.", "A campaign must end in the future.");
const TOO_LONG: Text = Text::new("Kampanya en çok 366 gün sürer.", "A campaign lasts 366 days at most.");
const KIND_REQUIRED: Text = Text::new(
    "Kupon ya da indirim için tür gerekir: percent, amount ya da free_delivery.",
    "A coupon or a discount needs its kind: percent, amount or free_delivery.",
);
const VALUE_REQUIRED: Text =
    Text::new("Bu tür indirim için değer gerekir.", "A discount of this kind needs its value.");
const NOT_OF_THIS_KIND: Text =
    Text::new("Bu tür indirimde bu alan yoktur.", "A discount of this kind has no such field.");
const ABOVE_TOTAL_LIMIT: Text =
    Text::new("Kişi başına sınır toplam sınırı aşamaz.", "The limit per diner can't exceed the total limit.");
const PERCENT: Text = Text::new("Yüzde 0,01 ile 100 arasında olmalıdır.", "A percentage must be from 0.01 to 100.");
const AMOUNT: Text = Text::new("Tutar 0,01 ile 100000 arasında olmalıdır.", "The amount must be from 0.01 to 100000.");

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plain() -> CampaignParts {
        CampaignParts {
            title: "Yaz indirimi".parse().unwrap(),
            description: "Bütün yaz".parse().unwrap(),
            start_date: at("2026-06-01T00:00:00Z"),
            end_date: at("2026-09-01T00:00:00Z"),
            code: None,
            kind: None,
            value: None,
            max_discount: None,
            min_basket: None,
            total_limit: None,
            per_user_limit: None,
        }
    }

    fn lira(text: &str) -> Option<Money> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in ["limanlı10", "LIMANLI10", " LİMANLI10 ", "limanli10"] {
            assert_eq!(typed.parse::<CouponCode>().unwrap().as_str(), "LIMANLI10", "{typed}");
        }
        for wrong in ["", "ab", "A B C", "ŞİŞ", "ABC-1", "A\0B", &"A".repeat(21)] {
            assert_eq!(wrong.parse::<CouponCode>(), Err(InvalidCode), "{wrong:?}");
        }
    }

    #[test]
    fn a_campaign_has_a_time_that_is_not_over() {
        let now = at("2026-06-15T00:00:00Z");
        let faults = |start: &str, end: &str| {
            let parts = CampaignParts { start_date: at(start), end_date: at(end), ..plain() };
            parts.check(now).err().map(|faults| format!("{faults:?}"))
        };

        assert_eq!(faults("2026-06-01T00:00:00Z", "2026-06-15T00:00:01Z"), None);
        assert_eq!(faults("2027-06-16T00:00:00Z", "2028-06-16T00:00:00Z"), None);
        for (start, end, code) in [
            ("2026-06-01T00:00:00Z", "2026-06-15T00:00:00Z", "TIME_PAST"),
            ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z", "ENDS_BEFORE_IT_BEGINS"),
            ("2026-06-01T00:00:00Z", "2027-06-02T00:00:01Z", "TOO_LONG"),
            ("2027-06-16T00:00:01Z", "2027-07-16T00:00:00Z", "TOO_FAR"),
        ] {
            let found = faults(start, end).unwrap();
            assert!(found.contains(code), "{start} to {end}: {found}");
        }
    }

    #[test]
    fn each_kind_has_its_own_fields() {
        let max = lira("20").map(|money| Price::try_from(money).unwrap());
        let percent = CampaignParts { kind: Some(DiscountKind::Percent), value: lira("12.5"), ..plain() };
        let amount = CampaignParts { kind: Some(DiscountKind::Amount), value: lira("5"), ..plain() };
        let free = CampaignParts { kind: Some(DiscountKind::FreeDelivery), ..plain() };
        let code = Some("LIMAN10".parse().unwrap());
        let fine = [
            plain(),
            CampaignParts { max_discount: max, code: code.clone(), ..percent.clone() },
            CampaignParts { value: lira("100"), ..percent.clone() },
            CampaignParts { value: lira("100000"), ..amount.clone() },
            CampaignParts { min_basket: lira("75"), ..free.clone() },
        ];
        let wrong = [
            (CampaignParts { code, ..plain() }, "kind", "REQUIRED"),
            (CampaignParts { min_basket: lira("75"), ..plain() }, "kind", "REQUIRED"),
            (CampaignParts { value: None, ..percent.clone() }, "value", "REQUIRED"),
            (CampaignParts { value: lira("0"), ..percent.clone() }, "value", "OUT_OF_RANGE"),
            (CampaignParts { value: lira("100.01"), ..percent }, "value", "OUT_OF_RANGE"),
            (CampaignParts { value: lira("100000.01"), ..amount.clone() }, "value", "OUT_OF_RANGE"),
            (CampaignParts { max_discount: max, ..amount }, "max_discount", "NOT_OF_THIS_KIND"),
            (CampaignParts { value: lira("1"), ..free.clone() }, "value", "NOT_OF_THIS_KIND"),
            (
                CampaignParts { total_limit: Some(TotalLimit(2)), per_user_limit: Some(UserLimit(3)), ..free.clone() },
                "per_user_limit",
                "ABOVE_TOTAL_LIMIT",
            ),
            (CampaignParts { max_discount: max, ..free }, "max_discount", "NOT_OF_THIS_KIND"),
        ];

        for parts in fine {
            assert_eq!(parts.faults_of_discount(), [], "{parts:?}");
        }
        for (parts, field, code) in wrong {
            let found = format!("{:?}", parts.faults_of_discount());
            assert!(found.contains(&format!("\"{field}\"")) && found.contains(code), "{parts:?}: {found}");
        }
    }

    #[test]
    fn a_change_touches_what_it_names() {
        let before = CampaignParts { kind: Some(DiscountKind::Percent), value: lira("10"), ..plain() };
        let nothing = CampaignChange {
            title: None,
            description: None,
            start_date: None,
            end_date: None,
            code: FieldChange::Keep,
            kind: FieldChange::Keep,
            value: FieldChange::Keep,
            max_discount: FieldChange::Keep,
            min_basket: FieldChange::Keep,
            total_limit: FieldChange::Keep,
            per_user_limit: FieldChange::Keep,
        };
        let emptied = CampaignChange { kind: FieldChange::Clear, value: FieldChange::Clear, ..nothing.clone() };

        assert_eq!(before.clone().changed(nothing), before);
        assert_eq!(before.changed(emptied), plain());
    }
}
