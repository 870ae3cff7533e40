//! Money in kuruş: whole numbers, so that nothing is ever rounded.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// An amount in lira that nobody owes twice: from 0 up, in kuruş.
///
/// In JSON a number with at most two decimals, `19.9`. It is taken by its decimal digits; more of them are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, JsonSchema, ToSchema)]
#[schema(value_type = f64, minimum = 0.0, example = 19.9)]
pub struct Money(#[schemars(with = "f64", range(min = 0.0))] i64);

/// What one thing costs: 0.01 to 100 000 lira.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(try_from = "Money", into = "Money")]
#[schema(value_type = f64, minimum = 0.01, maximum = 100_000.0, example = 19.9)]
pub struct Price(#[schemars(range(min = 0.01, max = 100_000.0))] Money);

/// Why a number is no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Not a decimal number.
    #[error("this is not an amount of money")]
    NoNumber,
    /// Parts of a kuruş.
    #[error("money has two decimals at most")]
    TooManyDecimals,
    /// Below what is asked for.
    #[error("the amount is too small")]
    TooSmall,
    /// Above what is asked for.
    #[error("the amount is too large")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Ten milliard lira, which a JSON number still tells to the kuruş.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// So many kuruş.
    ///
    /// # Errors
    /// Below nothing, or more than [`Self::MAX`].
    pub fn from_kurus(kurus: i64) -> Result<Self, InvalidMoney> {
        match kurus {
            ..0 => Err(InvalidMoney::TooSmall),
            _ if kurus > Self::MAX.0 => Err(InvalidMoney::TooLarge),
            _ => Ok(Self(kurus)),
        }
    }

    /// The amount in kuruş.
    #[must_use]
    pub fn kurus(self) -> i64 {
        self.0
    }

    /// Both together; `None` above [`Self::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_kurus(self.0 + other.0).ok()
    }

    /// What is left without the other; `None` where that is more.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_kurus(self.0 - other.0).ok()
    }

    /// So many times this; `None` above [`Self::MAX`].
    #[must_use]
    pub fn checked_mul(self, count: u32) -> Option<Self> {
        Self::from_kurus(self.0.checked_mul(count.into())?).ok()
    }
}

impl Price {
    /// One kuruş.
    pub const MIN: Self = Self(Money(1));
    /// 100 000 lira.
    pub const MAX: Self = Self(Money(10_000_000));

    /// So many kuruş.
    ///
    /// # Errors
    /// Below [`Self::MIN`], or more than [`Self::MAX`].
    pub fn from_kurus(kurus: i64) -> Result<Self, InvalidMoney> {
        Money::from_kurus(kurus)?.try_into()
    }

    /// The price in kuruş.
    #[must_use]
    pub fn kurus(self) -> i64 {
        self.0.kurus()
    }
}

impl TryFrom<Money> for Price {
    type Error = InvalidMoney;

    fn try_from(money: Money) -> Result<Self, InvalidMoney> {
        let price = Self(money);
        match price {
            _ if price < Self::MIN => Err(InvalidMoney::TooSmall),
            _ if price > Self::MAX => Err(InvalidMoney::TooLarge),
            _ => Ok(price),
        }
    }
}

impl From<Price> for Money {
    fn from(price: Price) -> Self {
        price.0
    }
}

/// Reads digits with a point: `19`, `19.9`, `19.90`.
impl FromStr for Money {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let digits = text.strip_prefix('-');
        let money = unsigned(digits.unwrap_or(text))?;
        if digits.is_some() && money > Self::ZERO { Err(InvalidMoney::TooSmall) } else { Ok(money) }
    }
}

fn unsigned(text: &str) -> Result<Money, InvalidMoney> {
    let (lira, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(lira) || !are_digits(decimals) {
        return Err(InvalidMoney::NoNumber);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 2 {
        return Err(InvalidMoney::TooManyDecimals);
    }
    // Digits alone are no number only when they are too many.
    let kurus = format!("{lira}{decimals:0<2}").parse().map_err(|_| InvalidMoney::TooLarge)?;
    Money::from_kurus(kurus)
}

/// `19.90`, always with both decimals.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A whole number of lira is written without decimals. Else one division, which is rounded to the double that is next to the
/// amount: its shortest digits are those of the amount.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            serializer.serialize_f64(self.0 as f64 / 100.0)
        }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number)
    }
}

/// An amount as a whole number of kuruş, where programs alone read it: `#[serde(with = "kurus")]`.
pub(crate) mod kurus {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Money;

    pub(crate) fn serialize<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(money.kurus())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        Money::from_kurus(i64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The same, where there may be none.
pub(crate) mod optional_kurus {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Money;

    pub(crate) fn serialize<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
        money.map(Money::kurus).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
        let kurus: Option<i64> = Option::deserialize(deserializer)?;
        kurus.map(Money::from_kurus).transpose().map_err(D::Error::custom)
    }
}

/// Takes a number by its digits. Of a double they are the shortest that denote it, which are those that were sent.
struct Number;

impl Visitor<'_> for Number {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number with at most two decimals")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Money, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Money, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Money, E> {
        number.to_string().parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<i64> {
        serde_json::from_str::<Money>(json).ok().map(Money::kurus)
    }

    #[test]
    fn every_price_is_read_as_it_is_written() {
        let most = Price::MAX.kurus();
        for kurus in (1..=200_000).chain((200_000..most).step_by(97)).chain([most]) {
            let money = Money(kurus);
            let written = serde_json::to_string(&money).unwrap();
            let (lira, decimals) = written.split_once('.').unwrap_or((&written, ""));
            assert!(decimals.len() <= 2 && format!("{lira}.{decimals:0<2}") == money.to_string(), "{written}");
            assert_eq!(read(&written), Some(kurus));
        }
    }

    #[test]
    fn a_number_is_taken_by_its_digits() {
        assert_eq!(read("0.1"), Some(10));
        assert_eq!(read("19.9"), Some(1990));
        assert_eq!(read("19.90"), Some(1990));
        assert_eq!(read("19.900"), Some(1990));
        assert_eq!(read("1e2"), Some(10_000));
        assert_eq!(read("-0.0"), Some(0));
        for wrong in ["0.30000000000000004", "0.001", "-1", "-0.01", "1e300", "\"19.90\"", "null", "true", "1e-9"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_text_says_what_is_wrong_with_it() {
        for (text, fault) in [
            ("", InvalidMoney::NoNumber),
            ("1,5", InvalidMoney::NoNumber),
            ("1.", InvalidMoney::NoNumber),
            ("+1", InvalidMoney::NoNumber),
            ("--1", InvalidMoney::NoNumber),
            ("NaN", InvalidMoney::NoNumber),
            ("0.125", InvalidMoney::TooManyDecimals),
            ("-5", InvalidMoney::TooSmall),
            ("10000000000.01", InvalidMoney::TooLarge),
            ("99999999999999999999", InvalidMoney::TooLarge),
        ] {
            assert_eq!(text.parse::<Money>(), Err(fault), "{text:?}");
        }
    }

    #[test]
    fn a_price_has_both_ends() {
        let price = |json: &str| serde_json::from_str::<Price>(json).is_ok();

        assert!(price("0.01") && price("100000"));
        assert!(!price("0") && !price("100000.01"));
    }

    proptest! {
        #[test]
        fn sums_and_products_are_exact(one in 0..10_000_000_i64, other in 0..10_000_000_i64, count in 0..1000_u32) {
            let (one, other) = (Money(one), Money(other));
            prop_assert_eq!(one.checked_add(other).map(Money::kurus), Some(one.0 + other.0));
            prop_assert_eq!(one.checked_mul(count).map(Money::kurus), Some(one.0 * i64::from(count)));
        }

        #[test]
        fn any_amount_is_read_as_it_is_written(kurus in 0..=Money::MAX.0) {
            let written = serde_json::to_string(&Money(kurus)).unwrap();
            prop_assert_eq!(read(&written), Some(kurus));
            prop_assert_eq!(Money(kurus).to_string().parse(), Ok(Money(kurus)));
        }
    }
}
