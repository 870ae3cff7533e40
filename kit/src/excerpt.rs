//! What a request itself says, short enough for logs and answers.

use std::borrow::Cow;

/// The first `length` characters of `text`, and a mark where more would follow.
pub(crate) fn excerpt(text: &str, length: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// How much of a path is logged and answered, in characters.
pub(crate) const LONGEST_PATH: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(excerpt("", 2), "");
        assert_eq!(excerpt("şğ", 2), "şğ");
        assert_eq!(excerpt("şğü", 2), "şğ…");
    }
}
