//! The index as it is searched: segments, newest last, and which of their documents still count.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::builder::Builder;
use crate::document::Document;
use crate::evaluation::{Evaluation, Rows};
use crate::page::{Found, Page, Search};
use crate::segment::Segment;

/// Segments beside the first; each costs a search a look more.
const MOST_CHANGES: usize = 8;
/// Once one in so many documents of the first segment no longer counts, it is worth building anew.
const SUPERSEDED_SHARE: usize = 20;
/// Dishes that are named beside a restaurant.
const MOST_DISHES: usize = 3;

/// What can be found at one time. A change makes another index that shares all that stays, so that searches go on meanwhile.
#[derive(Debug)]
pub struct Index<F> {
    layers: Vec<Layer<F>>,
}

/// A segment, and which of its documents have changed or gone since.
#[derive(Debug)]
struct Layer<F> {
    segment: Arc<Segment<F>>,
    superseded: Arc<[bool]>,
    living: usize,
}

/// All documents of an index in one segment, to take its place by [`Index::replace`].
#[derive(Debug)]
pub struct Compacted<F>(Arc<Segment<F>>);

impl<F> Default for Index<F> {
    fn default() -> Self {
        Self { layers: Vec::new() }
    }
}

impl<F> Clone for Index<F> {
    fn clone(&self) -> Self {
        Self { layers: self.layers.clone() }
    }
}

impl<F> Clone for Layer<F> {
    fn clone(&self) -> Self {
        Self { segment: self.segment.clone(), superseded: self.superseded.clone(), living: self.living }
    }
}

impl<F> Layer<F> {
    /// A segment whose documents all count.
    fn whole(segment: Arc<Segment<F>>) -> Self {
        let all = vec![false; segment.len()];
        Self::new(segment, all)
    }

    fn new(segment: Arc<Segment<F>>, superseded: Vec<bool>) -> Self {
        let living = superseded.iter().filter(|superseded| !**superseded).count();
        Self { segment, superseded: superseded.into(), living }
    }

    fn lives(&self, row: usize) -> bool {
        !self.superseded[row]
    }

    fn find(&self, id: Uuid) -> Option<usize> {
        self.segment.find(id).filter(|row| self.lives(*row))
    }

    fn without(&self, ids: &[Uuid]) -> Self {
        let gone: Vec<usize> = ids.iter().filter_map(|id| self.find(*id)).collect();
        if gone.is_empty() {
            return self.clone();
        }
        let mut superseded = self.superseded.to_vec();
        gone.iter().for_each(|row| superseded[*row] = true);
        Self::new(self.segment.clone(), superseded)
    }
}

impl<F: Clone> Index<F> {
    /// An index of many documents, each of another id, which are taken one by one.
    pub fn build(documents: impl IntoIterator<Item = Document<F>>) -> Self {
        let mut builder = Builder::default();
        documents.into_iter().for_each(|document| builder.add(document));
        Self { layers: vec![Layer::whole(Arc::new(builder.build()))] }
    }

    /// The index after `changed` has come or taken the place of what had its ids, and `removed` has gone.
    #[must_use]
    pub fn apply(&self, changed: Vec<Document<F>>, removed: &[Uuid]) -> Self {
        let gone: Vec<Uuid> = changed.iter().map(|document| document.id).chain(removed.iter().copied()).collect();
        let mut layers: Vec<Layer<F>> = self.layers.iter().map(|layer| layer.without(&gone)).collect();
        // The last of several versions counts, whatever the order of ids makes of them.
        let newest: BTreeMap<Uuid, Document<F>> = changed.into_iter().map(|document| (document.id, document)).collect();
        layers.extend(Self::build(newest.into_values()).layers);
        if layers.len() > 1 + MOST_CHANGES {
            let first = layers.remove(0);
            layers = vec![first, Layer::whole(merge(&layers))];
        }
        Self { layers }
    }

    /// Whether so much has changed that [`Index::compact`] is worth its time, which grows with all documents.
    #[must_use]
    pub fn is_worn(&self) -> bool {
        let Some((first, changes)) = self.layers.split_first() else { return false };
        let superseded = first.segment.len() - first.living;
        let changed: usize = changes.iter().map(|layer| layer.segment.len()).sum();
        superseded.max(changed) * SUPERSEDED_SHARE > first.segment.len()
    }

    /// All that counts, in one segment.
    #[must_use]
    pub fn compact(&self) -> Compacted<F> {
        Compacted(merge(&self.layers))
    }

    /// The index with `compacted`, which is of an earlier state of it, in the place of what that was made of.
    #[must_use]
    pub fn replace(&self, earlier: &Self, compacted: &Compacted<F>) -> Self {
        let stays = |layer: &&Layer<F>| earlier.layers.iter().all(|old| !Arc::ptr_eq(&old.segment, &layer.segment));
        let newer: Vec<Layer<F>> = self.layers.iter().filter(stays).cloned().collect();
        let segment = &compacted.0;
        let counts = |row: usize| {
            let id = segment.ids[row];
            newer.iter().all(|layer| layer.find(id).is_none()) && self.version(id) == Some(segment.versions[row])
        };
        let superseded = (0..segment.len()).map(|row| !counts(row)).collect();
        Self { layers: [Layer::new(segment.clone(), superseded)].into_iter().chain(newer).collect() }
    }

    /// Which change of the document is known.
    #[must_use]
    pub fn version(&self, id: Uuid) -> Option<i64> {
        self.layers.iter().find_map(|layer| layer.find(id).map(|row| layer.segment.versions[row]))
    }

    /// All ids that can be found, in no order.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        let living = |layer: &'_ Layer<F>, row: usize| layer.lives(row).then(|| layer.segment.ids[row]);
        self.layers.iter().flat_map(move |layer| (0..layer.segment.len()).filter_map(move |row| living(layer, row)))
    }

    /// What is known beside the texts of all that can be found, in no order.
    pub fn facts(&self) -> impl Iterator<Item = &F> {
        self.layers.iter().flat_map(|layer| {
            let rows = layer.segment.facts.iter().zip(layer.superseded.iter());
            rows.filter(|(_, superseded)| !**superseded).map(|(facts, _)| facts)
        })
    }

    /// How many documents can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layers.iter().map(|layer| layer.living).sum()
    }

    /// Whether nothing can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.segment.bytes() + layer.superseded.len()).sum()
    }

    /// Answers a search. What it costs grows with what is found, and for words that nobody knows with all words that are known.
    pub fn search<'index, K: Ord>(&'index self, search: &Search<'_, F, K>) -> Found {
        let mut page = Page::new(self.layers.iter().map(|layer| &*layer.segment).collect(), search);
        let Some(query) = search.query else {
            for (layer, Layer { segment, superseded, .. }) in self.layers.iter().enumerate() {
                let rows = (0..segment.len()).filter(|row| !superseded[*row]);
                rows.for_each(|row| page.add(layer, row, 0));
            }
            return page.end(|_, rows| vec![Vec::new(); rows.len()]);
        };
        let strict = |layer: &'index Layer<F>| Evaluation::strict(&layer.segment, &layer.superseded, query);
        let mut evaluations: Vec<Evaluation<'index, F>> = self.layers.iter().map(strict).collect();
        // Of all segments at once, so that no answer depends on where a document stands.
        let unknown = |word: &usize| !evaluations.iter().any(|evaluation| evaluation.knows(*word));
        let mut mistyped: Vec<usize> = (0..query.terms.len()).filter(unknown).collect();
        let mut forgiven: Vec<usize> = Vec::new();
        let (mut drop_one, mut is_worth_it) = (false, true);
        loop {
            for evaluation in &mut evaluations {
                mistyped.iter().for_each(|word| is_worth_it |= evaluation.forgive(query, *word));
            }
            forgiven.append(&mut mistyped);
            // Short words stand nowhere else when they may be mistyped.
            let is_asked = std::mem::take(&mut is_worth_it) || drop_one;
            let scores = evaluations.iter_mut().filter(|_| is_asked).map(|evaluation| evaluation.scores(drop_one));
            let scores: Vec<_> = scores.collect();
            if scores.iter().any(|scores| scores.iter().next().is_some()) || drop_one {
                for (layer, scores) in scores.iter().enumerate() {
                    scores.iter().for_each(|(row, score)| page.add(layer, row, score));
                }
                return page.end(|layer, rows| best_dishes(&evaluations[layer], rows, drop_one));
            }
            mistyped = (0..query.terms.len()).filter(|word| !forgiven.contains(word)).collect();
            drop_one = mistyped.is_empty();
        }
    }
}

fn merge<F: Clone>(layers: &[Layer<F>]) -> Arc<Segment<F>> {
    let mut builder = Builder::default();
    for layer in layers {
        builder.add_segment(&layer.segment, &layer.superseded);
    }
    Arc::new(builder.build())
}

/// The dishes by which each of `rows` was found.
fn best_dishes<F>(evaluation: &Evaluation<'_, F>, rows: &[usize], drop_one: bool) -> Vec<Vec<String>> {
    let mut best: HashMap<usize, Vec<String>> = rows.iter().map(|row| (*row, Vec::new())).collect();
    for (dish, theirs) in evaluation.dishes(&Rows::new(evaluation.segment.len(), rows), drop_one) {
        for row in theirs {
            let best = best.entry(row as usize).or_default();
            if best.len() < MOST_DISHES {
                best.push(dish.clone());
            }
        }
    }
    rows.iter().map(|row| best.remove(row).unwrap_or_default()).collect()
}
