//! One line of text that somebody typed.

use std::str::FromStr;

use kit::{CONTROL_CHARACTERS, EMPTY, FieldValue, Text, check_line};
use serde::{Deserialize, Serialize};

/// 1 to `MAX` characters without control characters, and without spaces around them. What is typed has to pass the rule for
/// texts that people read besides, which may become stricter than it was for what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ShortText<const MAX: usize>(String);

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidText {
    #[error("the text is empty")]
    Empty,
    #[error("the text is too long")]
    TooLong,
    #[error("the text holds control characters")]
    ControlCharacters,
}

impl<const MAX: usize> ShortText<MAX> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for ShortText<MAX> {
    type Err = InvalidText;

    fn from_str(typed: &str) -> Result<Self, InvalidText> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if text.chars().count() > MAX {
            return Err(InvalidText::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacters);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> FieldValue for ShortText<MAX> {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        check_line(raw.trim())?;
        raw.parse().map_err(|invalid| match invalid {
            InvalidText::Empty => EMPTY,
            InvalidText::TooLong => {
                let tr = format!("Bu alan en çok {MAX} karakter olabilir.");
                let en = format!("This field can have at most {MAX} characters.");
                ("TOO_LONG", Text { tr: tr.into(), en: en.into() })
            }
            InvalidText::ControlCharacters => CONTROL_CHARACTERS,
        })
    }
}

impl<const MAX: usize> TryFrom<String> for ShortText<MAX> {
    type Error = InvalidText;

    fn try_from(typed: String) -> Result<Self, InvalidText> {
        typed.parse()
    }
}

impl<const MAX: usize> From<ShortText<MAX>> for String {
    fn from(text: ShortText<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> Result<String, InvalidText> {
        typed.parse::<ShortText<5>>().map(String::from)
    }

    #[test]
    fn a_text_is_counted_in_characters_and_kept_without_spaces_around_it() {
        assert_eq!(parsed(" şiş ").as_deref(), Ok("şiş"));
        assert_eq!(parsed("İğüçş").as_deref(), Ok("İğüçş"));
        assert_eq!(parsed("İğüçşö"), Err(InvalidText::TooLong));
    }

    #[test]
    fn nothing_and_what_cannot_be_typed_is_no_text() {
        assert_eq!(parsed(""), Err(InvalidText::Empty));
        assert_eq!(parsed(" \n"), Err(InvalidText::Empty));
        assert_eq!(parsed("a\0b"), Err(InvalidText::ControlCharacters));
        assert_eq!(parsed("a\r\nb"), Err(InvalidText::ControlCharacters));
    }
}
