//! Documents that never change, and what is needed to find them.

use uuid::Uuid;

use crate::Field;
use crate::strings::{Lists, Strings};

/// Documents in the order of their ids. Equal texts of one field stand here once, whoever's they are.
#[derive(Debug)]
pub(crate) struct Segment<F> {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) versions: Vec<i64>,
    pub(crate) facts: Vec<F>,
    /// In their order; `omer'in` is a word of its own, found by `omer` and `omerin` as its forms.
    pub(crate) words: Strings,
    /// The letters of each word, see [`crate::typo::mask`].
    pub(crate) masks: Vec<u32>,
    /// The forms under which words are found besides themselves, in their order.
    pub(crate) forms: Strings,
    /// The words of each form.
    pub(crate) form_words: Lists,
    pub(crate) word_texts: Lists,
    /// The words of each text in the order in which they stand.
    pub(crate) text_words: Lists,
    pub(crate) text_fields: Vec<Field>,
    /// The documents of each text, in their order.
    pub(crate) text_rows: Lists,
}

/// A word that a form stands for and how many endings the form lacks, in the size of the word's number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormWord(pub(crate) u32);

impl FormWord {
    /// Endings go up to three.
    pub(crate) fn new(word: u32, endings: u8) -> Self {
        Self(word << 2 | u32::from(endings & 3))
    }

    pub(crate) fn word(self) -> u32 {
        self.0 >> 2
    }

    pub(crate) fn endings(self) -> u8 {
        (self.0 & 3) as u8
    }
}

impl<F> Segment<F> {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Where the document stands.
    pub(crate) fn find(&self, id: Uuid) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// A text as it is compared.
    pub(crate) fn text(&self, text: u32) -> String {
        let words: Vec<&str> = self.text_words.get(text).iter().map(|word| self.words.get(*word)).collect();
        words.join(" ")
    }

    /// The bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        let lists = [&self.form_words, &self.word_texts, &self.text_words, &self.text_rows];
        self.ids.capacity() * size_of::<Uuid>()
            + self.versions.capacity() * size_of::<i64>()
            + self.facts.capacity() * size_of::<F>()
            + self.words.bytes()
            + self.masks.capacity() * size_of::<u32>()
            + self.forms.bytes()
            + self.text_fields.capacity() * size_of::<Field>()
            + lists.iter().map(|list| list.bytes()).sum::<usize>()
    }
}
