//! What diners type, and whom they mean.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod town;

use search::{Document, Field, Index, Query, Search, Text};
use uuid::Uuid;

/// A restaurant's number, from 1.
type Number = usize;

fn town() -> Index<Number> {
    Index::build(town::RESTAURANTS.iter().enumerate().map(|(place, (name, places, cuisine, dishes))| {
        let mut texts = vec![(Field::Name, *name), (Field::Cuisine, *cuisine)];
        texts.extend(places.split('/').map(|place| (Field::Place, place)));
        texts.extend(dishes.split(", ").map(|dish| (Field::Dish, dish)));
        Document {
            id: Uuid::from_u128(place as u128 + 1),
            version: 1,
            texts: texts.into_iter().map(|(field, text)| Text { field, text: text.to_owned() }).collect(),
            facts: place + 1,
        }
    }))
}

/// Whom the query finds, the lowest numbers first among equals or the highest.
fn find(index: &Index<Number>, query: &str, highest_first: bool) -> Vec<usize> {
    let query = Query::parse(query).unwrap().unwrap();
    let order = |number: &Number| if highest_first { usize::MAX - number } else { *number };
    let search =
        Search { query: Some(&query), filter: &|_| true, order: &order, by_order_alone: false, offset: 0, limit: 24 };
    index.search(&search).hits.iter().map(|hit| usize::try_from(hit.id.as_u128()).unwrap()).collect()
}

#[test]
fn each_query_puts_the_restaurant_that_is_meant_first_and_alone() {
    let index = town();

    let wrong: Vec<String> = town::QUERIES
        .iter()
        .filter_map(|(meant, query)| {
            let found = [false, true].map(|highest_first| find(&index, query, highest_first));
            let first = found.iter().map(|found| found.first().copied());
            (!first.into_iter().all(|first| first == Some(*meant))).then(|| format!("{query}: {meant}, not {found:?}"))
        })
        .collect();

    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), town::QUERIES.len(), wrong.join("\n"));
}

#[test]
fn what_nobody_cooks_finds_nothing() {
    let index = town();

    for query in town::NOTHING {
        assert_eq!(find(&index, query, false), Vec::<usize>::new(), "{query}");
    }
}

#[test]
fn a_part_of_a_province_finds_all_that_stand_there() {
    let index = town();

    assert_eq!(find(&index, "stanb", false), [1, 6, 8, 17, 20]);
}

#[test]
fn a_restaurant_names_the_dishes_by_which_it_was_found() {
    let index = town();
    let query = Query::parse("mercimek köfte").unwrap().unwrap();
    let search = Search {
        query: Some(&query),
        filter: &|_| true,
        order: &|number| *number,
        by_order_alone: false,
        offset: 0,
        limit: 1,
    };

    let found = index.search(&search);

    assert_eq!(found.hits[0].id, Uuid::from_u128(23));
    assert_eq!(found.hits[0].dishes, ["mercimek koftesi", "nohut koftesi"]);
}
