//! Finds restaurants by words as diners type them, in memory.
//!
//! Knows nothing of databases or HTTP: documents come in, ids in their order go out, and both databases answer alike because
//! neither takes part. What a restaurant is filtered and sorted by (`F`) is its user's to decide.

mod builder;
mod document;
mod evaluation;
mod index;
mod marks;
mod page;
mod query;
mod scores;
mod segment;
mod strings;
mod typo;
mod words;

pub use document::{Document, Field, Text};
pub use index::{Compacted, Index};
pub use page::{Found, Hit, Search};
pub use query::{Query, QueryFault};

/// The words of `text` as they are compared, with a space between them: by this [`Hit::dishes`] are told from other texts.
#[must_use]
pub fn normalize(text: &str) -> String {
    let words: Vec<String> = words::words(text).into_iter().map(|word| word.written).collect();
    words.join(" ")
}
