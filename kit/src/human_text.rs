//! What people read must be readable: one rule for the names, titles and reasons of all services.

use contracts::{InvalidText, ShortText};

use crate::Text;
use crate::field::{CONTROL_CHARACTERS, EMPTY, FieldValue};

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing in it can be seen.
    #[error("the text is empty")]
    Empty,
    /// It breaks out of its line, or is read in another order than it is written.
    #[error("the text holds control characters")]
    ControlCharacters,
}

/// Checks a line that somebody is to read.
///
/// # Errors
/// Nothing in it can be seen, or it holds a character that [`breaks_or_reorders`].
pub fn check_line(text: &str) -> Result<(), TextFault> {
    if is_blank(text) {
        Err(TextFault::Empty)
    } else if text.contains(breaks_or_reorders) {
        Err(TextFault::ControlCharacters)
    } else {
        Ok(())
    }
}

/// Checks lines that somebody is to read, as [`check_line`] does one.
///
/// # Errors
/// Nothing in them can be seen, or one holds a character that [`breaks_or_reorders`].
pub fn check_paragraphs(text: &str) -> Result<(), TextFault> {
    check_line(&text.replace("\r\n", "\n").replace('\n', " "))
}

/// Whether a reader sees nothing: spaces, and what Unicode calls default ignorable and the two blank letters beside it.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Control characters (so no line can be ended where lines mean something, and no header begun), Unicode's own line ends, and
/// the marks that make a text read in another order than it is written (Unicode Standard Annex 9).
#[must_use]
pub fn breaks_or_reorders(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{61C}' | '\u{200E}' | '\u{200F}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// `Default_Ignorable_Code_Point` (Unicode 16), and U+2800, a letter of Braille without a dot.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

impl From<TextFault> for (&'static str, Text) {
    fn from(fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => EMPTY,
            TextFault::ControlCharacters => CONTROL_CHARACTERS,
        }
    }
}

/// What is typed has to pass [`check_line`] besides, which may become stricter than it was for what is stored.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken() {
        for text in ["Ayşe Yılmaz", "Łukasz", "علي", "नमस्ते", "👩‍🍳", "نامه\u{200C}ها", " x ", "x\u{AD}y"]
        {
            assert_eq!(check_line(text), Ok(()), "{text:?}");
        }
        assert_eq!(check_paragraphs("one\n\r\ntwo"), Ok(()));
    }

    #[test]
    fn what_nobody_can_see_is_empty() {
        for text in ["", " ", "\u{A0}", "\u{200B}", "\u{3164}", "\u{2800} \u{FEFF}", "\u{200D}\u{2060}", "\u{E0041}"] {
            assert_eq!(check_line(text), Err(TextFault::Empty), "{text:?}");
            assert_eq!(check_paragraphs(&format!("{text}\n{text}")), Err(TextFault::Empty), "{text:?}");
        }
    }

    #[test]
    fn what_breaks_a_line_or_turns_it_round_is_refused() {
        for harm in
            ["\0", "\n", "\r", "\t", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}", "\u{200F}", "\u{202E}", "\u{2067}"]
        {
            assert_eq!(check_line(&format!("a{harm}b")), Err(TextFault::ControlCharacters), "{harm:?}");
        }
        for harm in ["\0", "\r", "\u{2029}", "\u{202E}"] {
            assert_eq!(check_paragraphs(&format!("a\n{harm}b")), Err(TextFault::ControlCharacters), "{harm:?}");
        }
    }
}
