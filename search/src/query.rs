//! What a diner typed, taken apart once for all segments.

use crate::words::{Stem, Word, stems, synonym, words};

/// The letters that a query may have.
const MOST_LETTERS: usize = 200;
/// The words that a query may have.
pub(crate) const MOST_WORDS: usize = 12;

/// Why a text is no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    /// It is longer than anybody's question.
    #[error("a query has at most {MOST_LETTERS} letters")]
    TooLong,
    /// Each word costs a look at all that can be found.
    #[error("a query has at most {MOST_WORDS} words")]
    TooManyWords,
}

/// The words to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(crate) terms: Vec<Term>,
    /// Each two words beside each other as one: `çiğ köfte` is `çiğköfte` on some menus.
    pub(crate) pairs: Vec<Term>,
}

/// A word to be found, and the forms under which it may stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) word: String,
    /// The word itself with no ending taken off, then its stems.
    pub(crate) forms: Vec<Stem>,
    pub(crate) synonym: Option<&'static str>,
    /// The last word may be half typed.
    pub(crate) is_last: bool,
}

impl Query {
    /// The query that `text` asks; `None` of a text without letters and digits, which asks for nothing.
    ///
    /// # Errors
    /// The text is too long, or has too many words.
    pub fn parse(text: &str) -> Result<Option<Self>, QueryFault> {
        if text.chars().nth(MOST_LETTERS).is_some() {
            return Err(QueryFault::TooLong);
        }
        let typed: Vec<String> = words(text).iter().map(Word::whole).collect();
        if typed.len() > MOST_WORDS {
            return Err(QueryFault::TooManyWords);
        }
        // A word that is repeated asks for nothing more, and each costs a look at all that can be found.
        let mut words: Vec<String> = Vec::with_capacity(typed.len());
        for word in typed {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let last = words.len().saturating_sub(1);
        let terms = words.iter().enumerate().map(|(place, word)| Term::new(word.clone(), place == last)).collect();
        let joined = words.windows(2).enumerate();
        let pairs = joined.map(|(place, pair)| Term::new(pair.concat(), place + 1 == last)).collect();
        Ok((!words.is_empty()).then_some(Self { terms, pairs }))
    }
}

impl Term {
    fn new(word: String, is_last: bool) -> Self {
        let mut forms = vec![Stem { text: word.clone(), endings: 0 }];
        forms.extend(stems(&word));
        Self { synonym: synonym(&word), forms, word, is_last }
    }

    /// How many slips are forgiven: none in what is short, none in numbers.
    pub(crate) fn slips(&self) -> u8 {
        match self.word.chars().count() {
            _ if self.word.contains(|c: char| c.is_ascii_digit()) => 0,
            0..4 => 0,
            4..8 => 1,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        let query = Query::parse(text).unwrap();
        query.into_iter().flat_map(|query| query.terms).map(|term| term.word).collect()
    }

    #[test]
    fn what_has_no_letter_asks_for_nothing() {
        for text in ["", "   ", "?!., -", "🍕🍕", "\0\u{1}\n", "'’"] {
            assert_eq!(Query::parse(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn signs_part_words_and_an_apostrophe_does_not() {
        assert_eq!(words_of("ÇİĞ-köfte\0Ömer'in 🍕2"), ["cig", "kofte", "omerin", "2"]);
    }

    #[test]
    fn a_word_counts_once_however_often_it_is_typed() {
        assert_eq!(words_of("ka Ka bici bici ka"), ["ka", "bici"]);
    }

    #[test]
    fn length_and_words_are_bounded() {
        assert!(Query::parse(&"ş".repeat(200)).unwrap().is_some());
        assert_eq!(Query::parse(&"ş".repeat(201)), Err(QueryFault::TooLong));
        assert!(Query::parse(&"a ".repeat(12)).unwrap().is_some());
        assert_eq!(Query::parse(&"a ".repeat(13)), Err(QueryFault::TooManyWords));
    }

    #[test]
    fn neither_short_words_nor_numbers_are_mistyped() {
        let slips = |word: &str| Term::new(word.to_owned(), true).slips();

        assert_eq!(["çim", "tost", "7updr", "lahmacun", "kebaplar1"].map(slips), [0, 1, 0, 2, 0]);
    }
}
