//! How well each document of a segment fits.

/// How far a document is from what was asked; the least comes first.
pub(crate) type Score = u32;
/// No document is so far.
pub(crate) const NONE: Score = Score::MAX;

/// How well each document of a segment fits; [`NONE`] where it does not.
#[derive(Debug)]
pub(crate) struct Scores(pub(crate) Vec<Score>);

// A search calls these for each of some hundred thousand documents, from the crate that knows what they are filtered by.
impl Scores {
    pub(crate) fn new(rows: usize) -> Self {
        Self(vec![NONE; rows])
    }

    /// Those that fit in the order of the documents, so that what is known of them is read in one go.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Score)> {
        self.0.iter().copied().enumerate().filter(|(_, score)| *score != NONE)
    }

    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<Score> {
        Some(self.0[row]).filter(|score| *score != NONE)
    }

    #[inline]
    pub(crate) fn add(&mut self, row: u32, score: Score) {
        let known = &mut self.0[row as usize];
        *known = score.min(*known);
    }
}
