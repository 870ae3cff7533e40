//! In which texts of a segment a word stands, and how far what stands there is from what was typed.

use crate::document::Field;
use crate::query::Term;
use crate::scores::Scores;
use crate::segment::{FormWord, Segment};
use crate::typo::{distance, mask, too_far};
use crate::words::synonyms;

/// What a word costs that stands as part of two words, or two words that stand as one.
const JOINED: u8 = 1;
/// What another spelling of a word costs.
const SYNONYM: u8 = 1;
/// What a word costs of which only the beginning was typed.
const PREFIX: u8 = 3;
/// What a word costs of which only a part inside was typed.
const INFIX: u8 = 6;
/// What one slip costs beside [`INFIX`].
const SLIP: u8 = 2;
/// Fewer letters stand in the middle of too many words; in names of restaurants one fewer will do.
const SHORTEST_INFIX: usize = 4;
/// Fewer letters begin too many words, unless the word is still being typed.
const SHORTEST_PREFIX: usize = 2;
/// A stem that is mistyped has at least so many letters.
const SHORTEST_MISTYPED_STEM: usize = 4;
/// Another spelling that is mistyped has at least so many letters: a shorter one lies beside too many words.
const SHORTEST_MISTYPED_SYNONYM: usize = 5;
/// The two parts of a word that stand apart on a menu have at least so many letters.
const SHORTEST_PART: usize = 2;

/// The cost of a word in each text where it stands.
#[derive(Debug)]
pub(crate) struct Marks {
    /// One more than the cost; 0 where the word does not stand.
    costs: Vec<u8>,
    pub(crate) texts: Vec<u32>,
    /// The least that the word weighs in any text of each document, once somebody has asked and until another text is marked.
    pub(crate) weights: Option<Scores>,
}

impl Marks {
    pub(crate) fn new<F>(segment: &Segment<F>) -> Self {
        Self { costs: vec![0; segment.text_fields.len()], texts: Vec::new(), weights: None }
    }

    #[inline]
    pub(crate) fn cost(&self, text: u32) -> Option<u8> {
        self.costs[text as usize].checked_sub(1)
    }

    fn add(&mut self, text: u32, cost: u8) {
        let marked = &mut self.costs[text as usize];
        if *marked == 0 {
            self.texts.push(text);
        } else if *marked <= cost + 1 {
            return;
        }
        *marked = cost + 1;
        self.weights = None;
    }

    fn add_word<F>(&mut self, segment: &Segment<F>, word: u32, cost: u8) {
        for text in segment.word_texts.get(word) {
            self.add(*text, cost);
        }
    }

    /// Where the word stands as it was typed, with other endings, in two parts, or begun.
    pub(crate) fn add_strict<F>(&mut self, segment: &Segment<F>, term: &Term) {
        self.add_forms(segment, term, 0);
        if let Some(synonym) = term.synonym {
            self.add_synonym(segment, synonym, 0);
        }
        if term.word.chars().nth(SHORTEST_PREFIX - 1).is_some() || term.is_last {
            self.add_prefix(segment, &term.word, PREFIX);
        }
        for form in &term.forms {
            self.add_parts(segment, &form.text, JOINED + form.endings);
        }
    }

    /// Where two words that were typed stand as one.
    pub(crate) fn add_joined<F>(&mut self, segment: &Segment<F>, pair: &Term) {
        self.add_forms(segment, pair, JOINED);
        if pair.is_last {
            self.add_prefix(segment, &pair.word, JOINED + PREFIX);
        }
    }

    /// Where the word stands inside of another, or mistyped.
    pub(crate) fn add_mistyped<F>(&mut self, segment: &Segment<F>, term: &Term) {
        self.add_infix(segment, &term.word);
        let slips = term.slips();
        if slips == 0 {
            return;
        }
        let is_long = |text: &str| text.chars().nth(SHORTEST_MISTYPED_STEM - 1).is_some();
        for form in term.forms.iter().filter(|form| form.endings == 0 || is_long(&form.text)) {
            let typed = Typed::new(&form.text, slips);
            let stemmed = u8::from(form.endings > 0);
            for word in 0..segment.words.len() {
                if let Some(slips) = typed.slips(segment.words.get(word), segment.masks[word as usize]) {
                    self.add_word(segment, word, INFIX + SLIP * slips + stemmed);
                }
            }
        }
        let typed = Typed::new(&term.word, slips);
        for form in 0..segment.forms.len() {
            let text = segment.forms.get(form);
            if is_long(text)
                && let Some(slips) = typed.slips(text, mask(text))
            {
                for word in segment.form_words.get(form) {
                    self.add_word(segment, FormWord(*word).word(), INFIX + SLIP * slips + 1);
                }
            }
        }
        for (written, meant) in synonyms() {
            if written.chars().nth(SHORTEST_MISTYPED_SYNONYM - 1).is_some()
                && let Some(slips) = typed.slips(written, mask(written))
            {
                self.add_synonym(segment, meant, INFIX + SLIP * slips);
            }
        }
    }

    /// What the word is another spelling of.
    fn add_synonym<F>(&mut self, segment: &Segment<F>, synonym: &str, base: u8) {
        if let Some(word) = segment.words.find(synonym) {
            self.add_word(segment, word, base + SYNONYM);
        }
        self.add_form(segment, synonym, |endings| base + SYNONYM + endings);
    }

    /// The word itself and words that share a stem with it.
    fn add_forms<F>(&mut self, segment: &Segment<F>, term: &Term, base: u8) {
        for form in &term.forms {
            let cost = |endings: u8| base + if endings == 0 { 0 } else { 1 + endings };
            if let Some(word) = segment.words.find(&form.text) {
                self.add_word(segment, word, cost(form.endings));
            }
            self.add_form(segment, &form.text, |endings| cost(form.endings + endings));
        }
    }

    fn add_form<F>(&mut self, segment: &Segment<F>, form: &str, cost: impl Fn(u8) -> u8) {
        let Some(form) = segment.forms.find(form) else { return };
        for word in segment.form_words.get(form).iter().map(|word| FormWord(*word)) {
            self.add_word(segment, word.word(), cost(word.endings()));
        }
    }

    fn add_prefix<F>(&mut self, segment: &Segment<F>, prefix: &str, cost: u8) {
        let (words, forms) = (&segment.words, &segment.forms);
        let begun = (words.less_than(prefix)..words.len()).take_while(|word| words.get(*word).starts_with(prefix));
        begun.for_each(|word| self.add_word(segment, word, cost));
        let begun = (forms.less_than(prefix)..forms.len()).take_while(|form| forms.get(*form).starts_with(prefix));
        for form in begun {
            let whole = segment.form_words.get(form).iter().map(|word| FormWord(*word));
            for word in whole.filter(|word| word.endings() == 0) {
                self.add_word(segment, word.word(), cost);
            }
        }
    }

    /// `hamsitava` where `hamsi` and `tava` stand beside each other.
    fn add_parts<F>(&mut self, segment: &Segment<F>, joined: &str, cost: u8) {
        let letters = joined.chars().count();
        let ends = joined.char_indices().map(|(end, _)| end).enumerate();
        for (_, end) in
            ends.filter(|(before, _)| (SHORTEST_PART..=letters.saturating_sub(SHORTEST_PART)).contains(before))
        {
            let (first, second) = joined.split_at(end);
            let (Some(first), Some(second)) = (segment.words.find(first), segment.words.find(second)) else { continue };
            for text in segment.word_texts.get(first) {
                if segment.text_words.get(*text).windows(2).any(|words| words == [first, second]) {
                    self.add(*text, cost);
                }
            }
        }
    }

    fn add_infix<F>(&mut self, segment: &Segment<F>, part: &str) {
        let letters = part.chars().count();
        if letters + 1 < SHORTEST_INFIX {
            return;
        }
        let mask = mask(part);
        for word in 0..segment.words.len() {
            let may_hold = mask & !segment.masks[word as usize] == 0;
            if may_hold && segment.words.get(word).contains(part) {
                for text in segment.word_texts.get(word) {
                    if letters >= SHORTEST_INFIX || segment.text_fields[*text as usize] == Field::Name {
                        self.add(*text, INFIX);
                    }
                }
            }
        }
    }
}

/// A word that may be mistyped, ready to be compared.
struct Typed {
    letters: Vec<char>,
    mask: u32,
    most: u8,
}

impl Typed {
    fn new(text: &str, most: u8) -> Self {
        Self { letters: text.chars().collect(), mask: mask(text), most }
    }

    /// How many slips lie between, if it is few enough.
    fn slips(&self, word: &str, letters: u32) -> Option<u8> {
        if too_far(self.mask, letters, self.most) {
            return None;
        }
        let word: Vec<char> = word.chars().collect();
        distance(&self.letters, &word, self.most)
    }
}
