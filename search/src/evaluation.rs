//! Which documents of a segment a query finds, and how well.

use crate::document::Field;
use crate::marks::Marks;
use crate::query::Query;
use crate::segment::Segment;

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

/// How far a document is from what was asked; the least comes first.
pub(crate) type Score = u32;
/// No document is so far.
const NONE: Score = Score::MAX;

/// The texts of a segment in which each word of a query stands.
pub(crate) struct Evaluation<'a, F> {
    pub(crate) segment: &'a Segment<F>,
    superseded: &'a [bool],
    /// For each word.
    words: Vec<Marks>,
    /// For each two words beside each other, as one.
    pairs: Vec<Marks>,
}

/// How well each document of a segment fits; those that don't fit are missing.
pub(crate) struct Scores {
    /// [`NONE`] where there is none.
    scores: Vec<Score>,
    pub(crate) rows: Vec<u32>,
}

impl Scores {
    fn new(rows: usize) -> Self {
        Self { scores: vec![NONE; rows], rows: Vec::new() }
    }

    pub(crate) fn get(&self, row: u32) -> Option<Score> {
        Some(self.scores[row as usize]).filter(|score| *score != NONE)
    }

    fn add(&mut self, row: u32, score: Score) {
        let known = &mut self.scores[row as usize];
        if *known == NONE {
            self.rows.push(row);
        }
        *known = score.min(*known);
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

    /// Looks for one of the words inside of others too, and mistyped.
    pub(crate) fn forgive(&mut self, query: &Query, word: usize) {
        self.words[word].add_mistyped(self.segment, &query.terms[word]);
    }

    /// The living documents that have all words; with `drop_one` all but one of them.
    pub(crate) fn scores(&self, drop_one: bool) -> Scores {
        let mut scores = Scores::new(self.segment.len());
        let texts = self.texts();
        for text in &texts {
            if let Some(score) = self.text_score(*text, drop_one) {
                let rows = self.segment.text_rows.get(*text).iter();
                rows.filter(|row| self.counts(**row)).for_each(|row| scores.add(*row, score));
            }
        }
        if self.words.len() > 1 {
            self.add_spread(&mut scores, &texts, drop_one);
        }
        scores
    }

    /// The dishes by which the documents of `rows` were found, the best first.
    pub(crate) fn dishes(&self, rows: &[bool], drop_one: bool) -> Vec<u32> {
        let is_theirs = |text: &u32| {
            self.segment.text_fields[*text as usize] == Field::Dish
                && self.segment.text_rows.get(*text).iter().any(|row| rows[*row as usize])
        };
        let weigh = |text| self.text_score(text, drop_one).or_else(|| self.part_score(text));
        let mut dishes: Vec<(Score, u32)> =
            self.texts().into_iter().filter(is_theirs).filter_map(|text| Some((weigh(text)?, text))).collect();
        // By their words, because equal ones stand elsewhere in other segments.
        dishes.sort_by_cached_key(|(score, text)| (*score, self.segment.text(*text)));
        dishes.into_iter().map(|(_, text)| text).collect()
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
        Some(covered + self.field_weight(text) + extra as u32)
    }

    /// What a text weighs that has some of the words alone: the fewer, the more.
    fn part_score(&self, text: u32) -> Option<Score> {
        let costs = self.words.iter().chain(&self.pairs).filter_map(|marks| marks.cost(text));
        let (count, least) = costs.fold((0, u8::MAX), |(count, least), cost| (count + 1, least.min(cost)));
        let missing = (self.words.len() + self.pairs.len()).checked_sub(count)?;
        (count > 0).then(|| SPREAD * (1 + missing as u32) + u32::from(least) * COST)
    }

    fn field_weight(&self, text: u32) -> u32 {
        self.segment.text_fields[text as usize] as u32 * FIELD
    }

    /// Adds documents whose texts have the words together.
    fn add_spread(&self, scores: &mut Scores, texts: &[u32], drop_one: bool) {
        let words: Vec<Scores> = self.words.iter().map(|marks| self.row_weights(marks)).collect();
        let pairs: Vec<Scores> = self.pairs.iter().map(|marks| self.row_weights(marks)).collect();
        let mut seen = vec![false; self.segment.len()];
        for row in texts.iter().flat_map(|text| self.segment.text_rows.get(*text)) {
            if std::mem::replace(&mut seen[*row as usize], true) || !self.counts(*row) {
                continue;
            }
            // A text that has all words and weighs less than being spread can't be outdone.
            if scores.get(*row).is_some_and(|score| score <= SPREAD) {
                continue;
            }
            let covered = cover(self.words.len(), |word| words[word].get(*row), |pair| pairs[pair].get(*row), drop_one);
            if let Some(covered) = covered {
                scores.add(*row, SPREAD + covered);
            }
        }
    }

    /// The least that a word weighs in any text of each document.
    fn row_weights(&self, marks: &Marks) -> Scores {
        let mut weights = Scores::new(self.segment.len());
        for text in &marks.texts {
            let weight = u32::from(marks.cost(*text).unwrap_or_default()) * COST + self.field_weight(*text);
            self.segment.text_rows.get(*text).iter().for_each(|row| weights.add(*row, weight));
        }
        weights
    }
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
