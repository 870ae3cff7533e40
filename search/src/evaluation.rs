//! Which documents of a segment a query finds, and how well.

use crate::document::Field;
use crate::marks::Marks;
use crate::query::Query;
use crate::scores::{NONE, Score, Scores};
use crate::segment::Segment;
use crate::strings::narrow;

/// What one unit of a word's cost weighs.
const COST: u32 = 10;
/// What one field further back weighs.
const FIELD: u32 = 3;
/// Words of a text that nobody asked for weigh one each, up to so many.
const MOST_EXTRA_WORDS: usize = 5;
/// What it weighs that the words stand in several texts.
const SPREAD: u32 = 100;
/// What it weighs that a word stands nowhere.
const DROPPED: u32 = 500;

/// Of so many documents for each that is sought, these are sought one by one.
const LONG_LIST: usize = 8;

/// The texts of a segment in which each word of a query stands.
pub(crate) struct Evaluation<'a, F> {
    pub(crate) segment: &'a Segment<F>,
    superseded: &'a [bool],
    /// For each word.
    words: Vec<Marks>,
    /// For each two words beside each other, as one.
    pairs: Vec<Marks>,
}

/// Some documents of a segment.
pub(crate) struct Rows {
    /// In their order.
    rows: Vec<u32>,
    /// Whether each of the segment is one of them.
    are_there: Vec<bool>,
}

impl Rows {
    pub(crate) fn new(segment: usize, rows: &[usize]) -> Self {
        let mut are_there = vec![false; segment];
        rows.iter().for_each(|row| are_there[*row] = true);
        let mut rows: Vec<u32> = rows.iter().map(|row| narrow(*row)).collect();
        rows.sort_unstable();
        Self { rows, are_there }
    }

    /// Those that `listed` names, which are in order, too: a common text has thousands.
    fn among(&self, listed: &[u32]) -> Vec<u32> {
        if listed.len() > LONG_LIST * self.rows.len() {
            self.rows.iter().copied().filter(|row| listed.binary_search(row).is_ok()).collect()
        } else {
            listed.iter().copied().filter(|row| self.are_there[*row as usize]).collect()
        }
    }
}

impl<'a, F> Evaluation<'a, F> {
    /// Where the words of the query stand as they were typed, or nearly so.
    pub(crate) fn strict(segment: &'a Segment<F>, superseded: &'a [bool], query: &Query) -> Self {
        let marks = |mark: &dyn Fn(&mut Marks)| {
            let mut marks = Marks::new(segment);
            mark(&mut marks);
            marks
        };
        Self {
            words: query.terms.iter().map(|term| marks(&|marks| marks.add_strict(segment, term))).collect(),
            pairs: query.pairs.iter().map(|pair| marks(&|marks| marks.add_joined(segment, pair))).collect(),
            segment,
            superseded,
        }
    }

    /// Whether a living document has the word, alone or with one beside it.
    pub(crate) fn knows(&self, word: usize) -> bool {
        let beside = self.pairs[word.saturating_sub(1)..self.pairs.len().min(word + 1)].iter();
        let texts = beside.chain([&self.words[word]]).flat_map(|marks| &marks.texts);
        texts.flat_map(|text| self.segment.text_rows.get(*text)).any(|row| self.counts(*row))
    }

    /// Looks for one of the words inside of others too, and mistyped; says whether documents may fit otherwise than before.
    pub(crate) fn forgive(&mut self, query: &Query, word: usize) -> bool {
        self.words[word].add_mistyped(self.segment, &query.terms[word]);
        self.words[word].weights.is_none()
    }

    /// The living documents that have all words; with `drop_one` all but one of them.
    pub(crate) fn scores(&mut self, drop_one: bool) -> Scores {
        let mut scores = Scores::new(self.segment.len());
        let texts = self.texts();
        for text in &texts {
            if let Some(score) = self.text_score(*text, drop_one) {
                self.segment.text_rows.get(*text).iter().for_each(|row| scores.add(*row, score));
            }
        }
        if self.words.len() > 1 {
            self.add_spread(&mut scores, drop_one);
        }
        let superseded = self.superseded.iter().zip(&mut scores.0);
        superseded.filter(|(superseded, _)| **superseded).for_each(|(_, score)| *score = NONE);
        scores
    }

    /// The dishes by which some documents were found, the best first, each with those of the documents that have it.
    pub(crate) fn dishes(&self, rows: &Rows, drop_one: bool) -> Vec<(String, Vec<u32>)> {
        let weigh = |text| self.text_score(text, drop_one).or_else(|| self.part_score(text));
        let mut dishes = Vec::new();
        for text in self.texts() {
            if self.segment.text_fields[text as usize] != Field::Dish {
                continue;
            }
            let theirs = rows.among(self.segment.text_rows.get(text));
            if !theirs.is_empty()
                && let Some(score) = weigh(text)
            {
                dishes.push((score, self.segment.text(text), theirs));
            }
        }
        // By their words, because equal ones stand elsewhere in other segments.
        dishes.sort_unstable();
        dishes.into_iter().map(|(_, text, theirs)| (text, theirs)).collect()
    }

    fn counts(&self, row: u32) -> bool {
        !self.superseded[row as usize]
    }

    /// Every text in which a word stands, each once.
    fn texts(&self) -> Vec<u32> {
        let mut seen = vec![false; self.segment.text_fields.len()];
        let texts = self.words.iter().chain(&self.pairs).flat_map(|marks| &marks.texts);
        texts.filter(|text| !std::mem::replace(&mut seen[**text as usize], true)).copied().collect()
    }

    fn text_score(&self, text: u32, drop_one: bool) -> Option<Score> {
        let weight = |marks: &Marks| marks.cost(text).map(|cost| u32::from(cost) * COST);
        let covered =
            cover(self.words.len(), |word| weight(&self.words[word]), |pair| weight(&self.pairs[pair]), drop_one)?;
        let extra = self.segment.text_words.get(text).len().saturating_sub(self.words.len()).min(MOST_EXTRA_WORDS);
        Some(covered + field_weight(self.segment, text) + extra as u32)
    }

    /// What a text weighs that has some of the words alone: the fewer, the more.
    fn part_score(&self, text: u32) -> Option<Score> {
        let costs = self.words.iter().chain(&self.pairs).filter_map(|marks| marks.cost(text));
        let (count, least) = costs.fold((0, u8::MAX), |(count, least), cost| (count + 1, least.min(cost)));
        let missing = (self.words.len() + self.pairs.len()).checked_sub(count)?;
        (count > 0).then(|| SPREAD * (1 + missing as u32) + u32::from(least) * COST)
    }

    /// Adds documents whose texts have the words together.
    fn add_spread(&mut self, scores: &mut Scores, drop_one: bool) {
        let weigh = |marks: &'_ mut Marks| marks.weights.take().unwrap_or_else(|| row_weights(self.segment, marks));
        let words: Vec<Scores> = self.words.iter_mut().map(weigh).collect();
        let pairs: Vec<Scores> = self.pairs.iter_mut().map(weigh).collect();
        for row in 0..self.segment.len() {
            // A text that has all words and weighs less than being spread can't be outdone.
            if scores.0[row] <= SPREAD {
                continue;
            }
            let covered = cover(self.words.len(), |word| words[word].get(row), |pair| pairs[pair].get(row), drop_one);
            if let Some(covered) = covered {
                scores.0[row] = scores.0[row].min(SPREAD + covered);
            }
        }
        let weighed = self.words.iter_mut().chain(&mut self.pairs).zip(words.into_iter().chain(pairs));
        weighed.for_each(|(marks, weights)| marks.weights = Some(weights));
    }
}

/// The least that a word weighs in any text of each document.
fn row_weights<F>(segment: &Segment<F>, marks: &Marks) -> Scores {
    let mut weights = Scores::new(segment.len());
    for text in &marks.texts {
        let weight = u32::from(marks.cost(*text).unwrap_or_default()) * COST + field_weight(segment, *text);
        segment.text_rows.get(*text).iter().for_each(|row| weights.add(*row, weight));
    }
    weights
}

fn field_weight<F>(segment: &Segment<F>, text: u32) -> u32 {
    segment.text_fields[text as usize] as u32 * FIELD
}

/// The least weight of all words, each alone or with the one beside it; with `drop_one` of all but one, which weighs
/// [`DROPPED`].
fn cover(
    words: usize,
    word: impl Fn(usize) -> Option<u32>,
    pair: impl Fn(usize) -> Option<u32>,
    drop_one: bool,
) -> Option<u32> {
    let add = |sum: Option<u32>, weight: Option<u32>| Some(sum? + weight?);
    let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
    // Of the words so far: all of them, and all but one; before them the same without the last word.
    let (mut before, mut now): ([Option<u32>; 2], [Option<u32>; 2]) = ([None, None], [Some(0), None]);
    for place in 0..words {
        let joined = place.checked_sub(1).and_then(&pair);
        let alone = word(place);
        let dropped = (drop_one && words > 1).then_some(DROPPED);
        let next = [
            least(add(now[0], alone), add(before[0], joined)),
            least(least(add(now[1], alone), add(before[1], joined)), add(now[0], dropped)),
        ];
        // Whatever comes, all words are not covered any more; most texts end here soon.
        if now == [None, None] && next == [None, None] {
            return None;
        }
        (before, now) = (now, next);
    }
    if drop_one { now[1] } else { now[0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_covered_alone_or_with_the_one_beside_them_whichever_weighs_less() {
        let word = |place: usize| [Some(10), None, Some(30)][place];
        let pair = |place: usize| [Some(5), Some(7)][place];

        assert_eq!(cover(3, word, pair, false), Some(17), "the first alone, the others as one");
        assert_eq!(cover(3, |_| Some(1), pair, false), Some(3));
        assert_eq!(cover(3, |place| (place != 1).then_some(1), |_| None, false), None);
        assert_eq!(cover(3, |place| (place != 1).then_some(1), |_| None, true), Some(502));
        assert_eq!(cover(1, |_| None, |_| None, true), None, "nothing is left of a single word");
    }
}
