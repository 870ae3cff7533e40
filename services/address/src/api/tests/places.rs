//! Suggestions of places.

use kit::on_every_database;
use kit::testing::{Ask, faults};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    places_are_suggested_to_everybody,
    what_means_no_place_suggests_none,
}

async fn suggested(fixture: &Fixture, query: &str) -> (u16, Value) {
    fixture.client().send(Ask::get(&format!("/addresses/places?query={query}"))).await.parts()
}

async fn places_are_suggested_to_everybody(fixture: Fixture) {
    let istanbul = json!({ "city": "İstanbul", "district": null });
    let kadikoy = json!({ "city": "İstanbul", "district": "Kadıköy" });

    for query in ["kad%C4%B1k%C3%B6y", "KADIKOY", "Kadik%C3%B6", "kadikoy+ist"] {
        assert_eq!(suggested(&fixture, query).await, (200, json!([kadikoy])), "{query}");
    }
    let (_, of_il) = suggested(&fixture, "istanbul").await;
    assert_eq!((of_il[0].clone(), of_il.as_array().unwrap().len()), (istanbul, 10));
    assert_eq!(fixture.client().with_token("forged").get("/addresses/places/?query=kadikoy").await.json()[0], kadikoy);
}

async fn what_means_no_place_suggests_none(fixture: Fixture) {
    for query in ["", "...", "%F0%9F%8F%A0", "q", &"a".repeat(200), "'%3B%20DROP%20TABLE"] {
        assert_eq!(suggested(&fixture, query).await, (200, json!([])), "{query}");
    }
    assert_eq!(fixture.client().get("/addresses/places").await.parts(), (200, json!([])));
    for (query, code) in [("a".repeat(201), "TOO_LONG"), ("a&query=b".to_owned(), "REPEATED")] {
        let (status, problem) = suggested(&fixture, &query).await;
        assert_eq!((status, faults(&problem)), (422, vec![("query", code)]));
    }
}
