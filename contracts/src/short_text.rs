//! One line of text that somebody typed.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 1 to `MAX` characters without control characters, and without spaces around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortText<const MAX: usize>(String);

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but spaces was given.
    #[error("the text is empty")]
    Empty,
    /// More than `MAX` characters.
    #[error("the text is too long")]
    TooLong,
    /// A character that nobody types.
    #[error("the text holds control characters")]
    ControlCharacters,
}

impl<const MAX: usize> ShortText<MAX> {
    /// The text as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
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
