//! Any series of changes answers like an index that was built of what is left.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use search::{Document, Field, Found, Index, Query, Search, Text};
use uuid::Uuid;

const WORDS: [&str; 12] =
    ["kebap", "kebabı", "tavuk", "döner", "çiğ", "köfte", "çiğköfte", "lahmacun", "Ömer'in", "yeri", "pide", "pideci"];
const QUERIES: [&str; 12] = [
    "kebap",
    "kebabi tavuk",
    "cigkofte",
    "çiğ köfte",
    "lahmacn",
    "omer",
    "omerin yeri",
    "p",
    "avuk",
    "tavuk suşi",
    "doner pide kebap",
    "suşi",
];
const FIELDS: [Field; 5] = [Field::Name, Field::Cuisine, Field::Dish, Field::Description, Field::Place];

#[derive(Debug, Clone)]
enum Change {
    Put {
        id: u8,
        texts: Vec<(usize, Vec<usize>)>,
        rating: u8,
    },
    Remove {
        id: u8,
    },
    /// Begins to build anew what `after` further changes later takes its place.
    Compact {
        after: usize,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let text = (0..FIELDS.len(), prop::collection::vec(0..WORDS.len(), 1..4));
    prop_oneof![
        8 => (0u8..12, prop::collection::vec(text, 1..5), 0u8..3)
            .prop_map(|(id, texts, rating)| Change::Put { id, texts, rating }),
        3 => (0u8..12).prop_map(|id| Change::Remove { id }),
        1 => (0usize..4).prop_map(|after| Change::Compact { after }),
    ]
}

fn document(id: u8, version: i64, texts: &[(usize, Vec<usize>)], rating: u8) -> Document<u8> {
    let written = |words: &[usize]| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
    let texts = texts.iter().map(|(field, words)| Text { field: FIELDS[*field], text: written(words) }).collect();
    Document { id: Uuid::from_u128(id.into()), version, texts, facts: rating }
}

fn answers(index: &Index<u8>) -> Vec<Found> {
    let filters: [&dyn Fn(&u8) -> bool; 2] = [&|_| true, &|rating| *rating > 0];
    let mut answers = Vec::new();
    for query in QUERIES.map(|query| Query::parse(query).unwrap()).iter().chain([&None]) {
        for filter in filters {
            for by_order_alone in [false, true] {
                let order = |rating: &u8| u8::MAX - rating;
                let query = query.as_ref();
                let search = Search { query, filter, order: &order, by_order_alone, offset: 1, limit: 4 };
                answers.push(index.search(&search));
            }
        }
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn changes_answer_like_a_fresh_build(batches in prop::collection::vec(prop::collection::vec(change(), 1..4), 1..16)) {
        let mut index: Index<u8> = Index::default();
        let mut left: BTreeMap<u8, Document<u8>> = BTreeMap::new();
        let mut compacting = None;
        for (version, batch) in batches.iter().enumerate() {
            let (mut changed, mut removed) = (Vec::new(), Vec::new());
            for change in batch {
                match change {
                    Change::Put { id, texts, rating } => {
                        let document = document(*id, version as i64, texts, *rating);
                        left.insert(*id, document.clone());
                        removed.retain(|other| *other != document.id);
                        changed.push(document);
                    }
                    Change::Remove { id } => {
                        left.remove(id);
                        let id = Uuid::from_u128((*id).into());
                        changed.retain(|other: &Document<u8>| other.id != id);
                        removed.push(id);
                    }
                    Change::Compact { after } => {
                        compacting = Some((version + after, index.clone(), index.compact()));
                    }
                }
            }
            index = index.apply(changed, &removed);
            if let Some((_, earlier, compacted)) = compacting.take_if(|(due, _, _)| *due <= version) {
                index = index.replace(&earlier, &compacted);
            }
        }

        let fresh = Index::build(left.values().cloned());

        let mut facts: [Vec<u8>; 2] = [index.facts().copied().collect(), left.values().map(|left| left.facts).collect()];
        facts.iter_mut().for_each(|facts| facts.sort_unstable());

        prop_assert_eq!(index.len(), left.len());
        prop_assert_eq!(&facts[0], &facts[1]);
        prop_assert_eq!(answers(&index), answers(&fresh));
        for document in left.values() {
            prop_assert_eq!(index.version(document.id), Some(document.version));
        }
    }

    #[test]
    fn no_text_and_no_query_is_too_strange(text in "\\PC{0,40}", query in any::<String>()) {
        let document = Document {
            id: Uuid::nil(),
            version: 1,
            texts: vec![Text { field: Field::Dish, text }],
            facts: 0,
        };
        let index: Index<u8> = Index::build([document]);
        if let Ok(Some(query)) = Query::parse(&query) {
            let search =
                Search { query: Some(&query), filter: &|_| true, order: &|_| 0, by_order_alone: false, offset: 0, limit: 1 };
            prop_assert!(index.search(&search).total <= 1);
        }
    }
}
