//! What a diner asks the kitchen for with a line.

use kit::{FieldValue, Text, breaks_or_reorders};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

const MOST_CHARACTERS: usize = 500;

/// Up to 500 characters, composed (NFC), in lines; empty where nothing is asked for. What can't be typed is left out of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Note(String);

/// The note has more than 500 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a note has 500 characters at most")]
pub(crate) struct NoteTooLong;

impl Note {
    pub(crate) fn new(text: &str) -> Result<Self, NoteTooLong> {
        let lines = text.replace("\r\n", "\n");
        let note: String = lines.nfc().filter(|c| *c == '\n' || !breaks_or_reorders(*c)).collect();
        if note.chars().count() > MOST_CHARACTERS { Err(NoteTooLong) } else { Ok(Self(note)) }
    }

    /// The beginning of a note that was taken when there was no limit.
    pub(crate) fn cut(text: &str) -> Self {
        let beginning: String = text.nfc().take(MOST_CHARACTERS).collect();
        Self::new(&beginning).unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FieldValue for Note {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("Not en çok 500 karakter olabilir.", "A note has 500 characters at most.");
        Self::new(&raw).map_err(|NoteTooLong| ("NOTE_TOO_LONG", text))
    }
}

impl std::str::FromStr for Note {
    type Err = NoteTooLong;

    fn from_str(text: &str) -> Result<Self, NoteTooLong> {
        Self::new(text)
    }
}

contracts::text_column!(Note);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_composed_and_holds_nothing_that_can_t_be_typed() {
        let note = Note::new("acı\u{0}l\u{131} \u{202E}ols\u{75}\u{308}n\r\nsoğansız\u{7}").unwrap();

        assert_eq!(note.as_str(), "acılı olsün\nsoğansız");
    }

    #[test]
    fn a_note_has_500_characters_at_most_whatever_they_weigh() {
        assert!(Note::new(&"ş".repeat(500)).is_ok());
        assert_eq!(Note::new(&"ş".repeat(501)), Err(NoteTooLong));
        assert_eq!(Note::cut(&"s\u{327}".repeat(501)).as_str(), "ş".repeat(500));
    }
}
