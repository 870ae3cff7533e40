//! The part of what was found that is asked for.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use uuid::Uuid;

use crate::query::Query;
use crate::scores::Score;
use crate::segment::Segment;

/// What is asked for.
pub struct Search<'a, F, K> {
    /// The words to be found; without them everything is.
    pub query: Option<&'a Query>,
    /// What else must hold.
    pub filter: &'a dyn Fn(&F) -> bool,
    /// What comes first among those that fit equally well, or with [`Search::by_order_alone`] among all.
    pub order: &'a dyn Fn(&F) -> K,
    /// The words only filter, as somebody asks who sorts by something else.
    pub by_order_alone: bool,
    /// How many are left out before the page.
    pub offset: usize,
    /// How many the page has.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of all pages.
    pub total: usize,
    /// Of this page.
    pub hits: Vec<Hit>,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Whose it is.
    pub id: Uuid,
    /// Up to three dishes by which it was found, the best first, as [`crate::normalize`] writes them.
    pub dishes: Vec<String>,
}

/// Counts all that is found, and keeps no more of it than comes before the end of the page.
pub(crate) struct Page<'a, F, K> {
    segments: Vec<&'a Segment<F>>,
    search: &'a Search<'a, F, K>,
    total: usize,
    end: usize,
    /// The last one on top.
    first: BinaryHeap<Candidate<K>>,
}

/// A document that may be on the page: its place among the others, and where it stands.
struct Candidate<K> {
    place: (Score, K, Uuid),
    segment: usize,
    row: usize,
}

impl<'a, F, K: Ord> Page<'a, F, K> {
    pub(crate) fn new(segments: Vec<&'a Segment<F>>, search: &'a Search<'a, F, K>) -> Self {
        let end = search.offset.saturating_add(search.limit);
        Self { segments, search, total: 0, end, first: BinaryHeap::new() }
    }

    pub(crate) fn add(&mut self, segment: usize, row: usize, score: Score) {
        let facts = &self.segments[segment].facts[row];
        if !(self.search.filter)(facts) {
            return;
        }
        self.total += 1;
        let score = if self.search.by_order_alone { 0 } else { score };
        // Most that is found is further behind than what is there; nothing else of it is read.
        let is_full = self.first.len() >= self.end;
        if is_full && self.first.peek().is_none_or(|last| last.place.0 < score) {
            return;
        }
        let candidate =
            Candidate { place: (score, (self.search.order)(facts), self.segments[segment].ids[row]), segment, row };
        if !is_full {
            self.first.push(candidate);
        } else if let Some(mut last) = self.first.peek_mut()
            && candidate < *last
        {
            *last = candidate;
        }
    }

    /// What was found; `dishes` names those of some documents of one segment.
    pub(crate) fn end(self, dishes: impl Fn(usize, &[usize]) -> Vec<Vec<String>>) -> Found {
        let first = self.first.into_sorted_vec();
        let page = first.get(self.search.offset..).unwrap_or_default();
        let mut hits: Vec<Hit> =
            page.iter().map(|candidate| Hit { id: candidate.place.2, dishes: Vec::new() }).collect();
        for segment in 0..self.segments.len() {
            let (places, rows): (Vec<usize>, Vec<usize>) = page
                .iter()
                .enumerate()
                .filter(|(_, candidate)| candidate.segment == segment)
                .map(|(place, candidate)| (place, candidate.row))
                .unzip();
            if !rows.is_empty() {
                for (place, dishes) in places.into_iter().zip(dishes(segment, &rows)) {
                    hits[place].dishes = dishes;
                }
            }
        }
        Found { total: self.total, hits }
    }
}

impl<K: Ord> Ord for Candidate<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl<K: Ord> PartialOrd for Candidate<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> PartialEq for Candidate<K> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<K: Ord> Eq for Candidate<K> {}
