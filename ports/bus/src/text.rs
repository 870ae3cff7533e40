//! Text from elsewhere, as every database takes it.

/// More of a text says nothing that its beginning does not say.
const LIMIT: usize = 2_000;

/// What stands for a character that no database takes.
const REPLACEMENT: char = '\u{fffd}';

/// `text` without null characters, which are no text to Postgres, and cut after 2 000 characters: an error may quote a whole
/// message.
pub(crate) fn storable(text: &str) -> String {
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", without_null(&text[..end])),
        None => without_null(text),
    }
}

/// `text` without null characters, in its whole length.
pub(crate) fn without_null(text: &str) -> String {
    text.chars().map(|c| if c == '\0' { REPLACEMENT } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_its_null_characters_and_nothing_else() {
        assert_eq!(storable("found `\0` at\n0, ş"), "found `\u{fffd}` at\n0, ş");
    }

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        assert_eq!(storable(&"ş".repeat(2_000)), "ş".repeat(2_000));
        assert_eq!(storable(&"ş".repeat(2_001)), format!("{}…", "ş".repeat(2_000)));
    }
}
