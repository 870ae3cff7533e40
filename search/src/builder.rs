//! Builds segments.

use std::collections::{BTreeMap, HashMap};

use crate::document::{Document, Field, Text};
use crate::segment::{FormWord, Segment};
use crate::strings::{Lists, Strings, narrow};
use crate::typo::mask;
use crate::words::{Word, stems, words};

/// Takes documents one by one, so that nobody has to hold them all.
#[derive(Debug)]
pub(crate) struct Builder<F> {
    rows: Vec<(uuid::Uuid, i64, F)>,
    texts: HashMap<(Field, Vec<u32>), u32>,
    /// Of each text and row, in the order in which they came.
    text_rows: Vec<(u32, u32)>,
    words: HashMap<String, u32>,
    /// Short texts as they came, which many documents share, so that each is taken apart once.
    seen: HashMap<(Field, String), Option<u32>>,
}

impl<F> Default for Builder<F> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            texts: HashMap::new(),
            text_rows: Vec::new(),
            words: HashMap::new(),
            seen: HashMap::new(),
        }
    }
}

impl<F: Clone> Builder<F> {
    /// Adds a document; its id must be new here.
    pub(crate) fn add(&mut self, document: Document<F>) {
        let row = narrow(self.rows.len());
        for text in document.texts {
            if let Some(text) = self.text(text) {
                self.text_rows.push((text, row));
            }
        }
        self.rows.push((document.id, document.version, document.facts));
    }

    /// Adds the documents of a segment that count; their ids must be new here.
    pub(crate) fn add_segment(&mut self, segment: &Segment<F>, superseded: &[bool]) {
        let rows: Vec<Option<u32>> = (0..segment.len())
            .map(|row| {
                let next = narrow(self.rows.len());
                (!superseded[row]).then(|| {
                    self.rows.push((segment.ids[row], segment.versions[row], segment.facts[row].clone()));
                    next
                })
            })
            .collect();
        for text in 0..segment.text_rows.len() {
            let mut counting = segment.text_rows.get(text).iter().filter_map(|row| rows[*row as usize]).peekable();
            if counting.peek().is_none() {
                continue;
            }
            let written = segment.text_words.get(text).iter().map(|word| segment.words.get(*word).to_owned());
            let words = written.map(|word| self.word(word)).collect();
            let number = self.text_of(segment.text_fields[text as usize], words);
            self.text_rows.extend(counting.map(|row| (number, row)));
        }
    }

    fn text(&mut self, Text { field, text }: Text) -> Option<u32> {
        if matches!(field, Field::Name | Field::Description) {
            return self.take_apart(field, &text);
        }
        let key = (field, text);
        if let Some(known) = self.seen.get(&key) {
            return *known;
        }
        let number = self.take_apart(field, &key.1);
        self.seen.insert(key, number);
        number
    }

    fn take_apart(&mut self, field: Field, text: &str) -> Option<u32> {
        let words: Vec<u32> = words(text).into_iter().map(|word| self.word(word.written)).collect();
        (!words.is_empty()).then(|| self.text_of(field, words))
    }

    fn text_of(&mut self, field: Field, words: Vec<u32>) -> u32 {
        let next = narrow(self.texts.len());
        *self.texts.entry((field, words)).or_insert(next)
    }

    fn word(&mut self, written: String) -> u32 {
        let next = narrow(self.words.len());
        *self.words.entry(written).or_insert(next)
    }

    pub(crate) fn build(self) -> Segment<F> {
        let Self { rows, texts, text_rows, words, seen: _ } = self;
        let (places, rows) = in_order_of_id(rows);
        let (numbers, words) = in_order(words);
        let text_rows = text_rows.into_iter().map(|(text, row)| (text, places[row as usize])).collect();

        let count = narrow(texts.len());
        let mut in_order: Vec<(u32, Field, Vec<u32>)> =
            texts.into_iter().map(|((field, words), text)| (text, field, words)).collect();
        in_order.sort_unstable_by_key(|(text, _, _)| *text);
        let (mut text_fields, mut text_words, mut word_texts) = (Vec::new(), Lists::default(), Vec::new());
        for (text, field, words) in in_order {
            let words: Vec<u32> = words.into_iter().map(|word| numbers[word as usize]).collect();
            word_texts.extend(words.iter().map(|word| (*word, text)));
            text_fields.push(field);
            text_words.push(words);
        }
        text_fields.shrink_to_fit();
        text_words.shrink();

        let (forms, form_words) = forms(&words);
        let (ids, versions, facts) = columns(rows);
        Segment {
            masks: (0..words.len()).map(|word| mask(words.get(word))).collect(),
            word_texts: Lists::of(words.len(), word_texts),
            text_rows: Lists::of(count, text_rows),
            ids,
            versions,
            facts,
            words,
            forms,
            form_words,
            text_words,
            text_fields,
        }
    }
}

type Row<F> = (uuid::Uuid, i64, F);

/// The rows in the order of their ids, and where each went.
fn in_order_of_id<F>(rows: Vec<Row<F>>) -> (Vec<u32>, Vec<Row<F>>) {
    let mut numbered: Vec<(usize, Row<F>)> = rows.into_iter().enumerate().collect();
    numbered.sort_unstable_by_key(|(_, (id, _, _))| *id);
    let mut places = vec![0; numbered.len()];
    for (place, (row, _)) in numbered.iter().enumerate() {
        places[*row] = narrow(place);
    }
    (places, numbered.into_iter().map(|(_, row)| row).collect())
}

/// The words in their order, and which number each became.
fn in_order(words: HashMap<String, u32>) -> (Vec<u32>, Strings) {
    let mut sorted: Vec<(String, u32)> = words.into_iter().collect();
    sorted.sort_unstable();
    let (mut numbers, mut strings) = (vec![0; sorted.len()], Strings::default());
    for (word, number) in &sorted {
        numbers[*number as usize] = strings.push(word);
    }
    strings.shrink();
    (numbers, strings)
}

/// Stems of the words, and for one with an apostrophe what is typed instead of it.
fn forms(words: &Strings) -> (Strings, Lists) {
    let mut found: BTreeMap<String, Vec<(u32, u8)>> = BTreeMap::new();
    for number in 0..words.len() {
        let word = Word { written: words.get(number).to_owned() };
        let whole = word.whole();
        for form in [word.before_apostrophe().map(|_| whole.as_str()), word.before_apostrophe()].into_iter().flatten() {
            found.entry(form.to_owned()).or_default().push((number, 0));
        }
        for stem in stems(&whole) {
            found.entry(stem.text).or_default().push((number, stem.endings));
        }
    }
    let (mut forms, mut form_words) = (Strings::default(), Lists::default());
    for (form, mut words) in found {
        forms.push(&form);
        // Of a form that comes from one word in two ways, the way with fewer endings.
        words.sort_unstable();
        words.dedup_by_key(|(word, _)| *word);
        form_words.push(words.into_iter().map(|(word, endings)| FormWord::new(word, endings).0));
    }
    forms.shrink();
    form_words.shrink();
    (forms, form_words)
}

fn columns<F>(rows: Vec<Row<F>>) -> (Vec<uuid::Uuid>, Vec<i64>, Vec<F>) {
    let (mut ids, mut versions, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for (id, version, fact) in rows {
        ids.push(id);
        versions.push(version);
        facts.push(fact);
    }
    ids.shrink_to_fit();
    versions.shrink_to_fit();
    facts.shrink_to_fit();
    (ids, versions, facts)
}
