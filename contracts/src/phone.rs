//! Phone numbers, in the one form in which they are stored and shown.

use std::str::FromStr;

use serde::Serialize;

/// A number in E.164: `+`, country, subscriber, 8 to 15 digits. Sent back as it is shown, it parses to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone(String);

/// Why a text is no number that somebody can call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a phone number")]
pub struct InvalidPhone;

impl Phone {
    /// The number as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes a number as people in Turkey write it: with or without country and trunk prefix, with spaces or signs between.
impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(typed: &str) -> Result<Self, InvalidPhone> {
        let compact: String =
            typed.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')')).collect();
        let abroad = compact.strip_prefix('+').or_else(|| compact.strip_prefix("00"));
        let number = match abroad {
            Some(digits) if !digits.starts_with("90") => international(digits),
            Some(digits) => turkish(&digits[2..]),
            None if compact.len() >= 12 => compact.strip_prefix("90").and_then(turkish),
            None => turkish(&compact),
        };
        number.map(Self).ok_or(InvalidPhone)
    }
}

fn international(digits: &str) -> Option<String> {
    let fits = (8..=15).contains(&digits.len()) && !digits.starts_with('0') && is_digits(digits);
    fits.then(|| format!("+{digits}"))
}

/// Area codes begin with 2, 3 or 4, mobile numbers with 5, numbers without a place with 8.
fn turkish(national: &str) -> Option<String> {
    let subscriber = national.strip_prefix('0').unwrap_or(national);
    let fits = subscriber.len() == 10 && subscriber.starts_with(['2', '3', '4', '5', '8']) && is_digits(subscriber);
    fits.then(|| format!("+90{subscriber}"))
}

fn is_digits(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> Option<String> {
        typed.parse::<Phone>().ok().map(|phone| phone.0)
    }

    #[test]
    fn a_turkish_number_is_the_same_however_it_is_written() {
        for typed in [
            "05321234567",
            "5321234567",
            "0 (532) 123 45 67",
            "0532-123-4567",
            "+90 532 123 45 67",
            "+90 (0532) 123 45 67",
            "0090 532 123 45 67",
            "905321234567",
        ] {
            assert_eq!(parsed(typed).as_deref(), Some("+905321234567"), "{typed:?}");
        }
        assert_eq!(parsed("0212 123 45 67").as_deref(), Some("+902121234567"));
    }

    #[test]
    fn a_number_from_abroad_needs_its_country() {
        assert_eq!(parsed("+49 30 1234567").as_deref(), Some("+49301234567"));
        assert_eq!(parsed("0049 30 1234567").as_deref(), Some("+49301234567"));
        assert_eq!(parsed("030 1234567"), None);
    }

    #[test]
    fn what_is_shown_can_be_sent_back() {
        for typed in ["05321234567", "+49 30 1234567"] {
            let shown = parsed(typed).unwrap_or_default();
            assert_eq!(parsed(&shown), Some(shown));
        }
    }

    #[test]
    fn what_nobody_can_call_is_no_number() {
        for typed in [
            "",
            "+",
            "00",
            "+90",
            "12345",
            "532123456",
            "053212345678",
            "+905321234567890",
            "0532 123 45 6x",
            "+٩٠5321234567",
            "0532\r\n1234567",
            "+0123456789",
        ] {
            assert_eq!(parsed(typed), None, "{typed:?}");
        }
    }
}
