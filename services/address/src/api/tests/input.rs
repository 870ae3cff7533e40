//! Bad input of every field: refused by its code and its name, and nothing is stored.

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::{Fixture, home, home_with};

on_every_database! {
    Fixture:
    what_must_be_there_is_named_where_it_is_missing,
    every_text_has_its_length_and_can_be_typed,
    degrees_make_a_place_or_are_refused,
    a_field_of_another_type_is_named,
    a_kind_that_is_none_is_refused,
}

const TEXTS: [(&str, usize); 9] = [
    ("title", 100),
    ("address", 200),
    ("city", 100),
    ("district", 100),
    ("full_address", 500),
    ("zip_code", 16),
    ("apartment", 50),
    ("floor", 50),
    ("door_number", 50),
];

async fn what_must_be_there_is_named_where_it_is_missing(fixture: Fixture) {
    let ayse = fixture.client().user(fixture.new_user());
    let required = ["title", "address", "city", "district", "full_address", "zip_code"];
    let nulls: Value = TEXTS.iter().map(|(name, _)| ((*name).to_owned(), Value::Null)).collect();

    for body in [json!({}), nulls] {
        let (status, problem) = ayse.post("/addresses", body).await.parts();

        assert_eq!((status, faults(&problem)), (422, required.map(|field| (field, "REQUIRED")).to_vec()));
    }
    assert_eq!(ayse.get("/addresses").await.json(), json!([]));
}

async fn every_text_has_its_length_and_can_be_typed(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");

    for (name, longest) in TEXTS {
        let cases = [
            ("ş".repeat(longest + 1), Some("TOO_LONG")),
            (String::new(), Some("EMPTY")),
            (" \u{200B}".to_owned(), Some("EMPTY")),
            ("a\0b".to_owned(), Some("CONTROL_CHARACTERS")),
            ("a\nb".to_owned(), Some("CONTROL_CHARACTERS")),
            ("a\u{202E}b".to_owned(), Some("CONTROL_CHARACTERS")),
            ("ş".repeat(longest), None),
            ("🏠".to_owned(), None),
        ];
        for (text, code) in cases {
            let body = json!({ name: text });
            let answers = [ayse.post("/addresses", home_with(body.clone())).await, ayse.put(&path, body).await];
            for (answer, fine) in answers.into_iter().zip([201, 200]) {
                let (status, body) = answer.parts();
                match code {
                    Some(code) => assert_eq!((status, faults(&body)), (422, vec![(name, code)]), "{name} {text:?}"),
                    None => assert_eq!((status, &body[name]), (fine, &json!(text)), "{name}"),
                }
            }
        }
    }
}

async fn degrees_make_a_place_or_are_refused(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let path = format!("/addresses/{id}");
    let cases = [
        (json!(41), json!(null), vec![("longitude", "REQUIRED")]),
        (json!(null), json!(29), vec![("latitude", "REQUIRED")]),
        (json!(0), json!(0.0), vec![("latitude", "COORDINATES_NOWHERE")]),
        (json!(29.02), json!(40.98), vec![("latitude", "COORDINATES_SWAPPED")]),
        (json!(90.5), json!(29), vec![("latitude", "LATITUDE_OUT_OF_RANGE")]),
        (
            json!(1e300),
            json!(-181),
            vec![("latitude", "LATITUDE_OUT_OF_RANGE"), ("longitude", "LONGITUDE_OUT_OF_RANGE")],
        ),
        (json!("41"), json!([29]), vec![("latitude", "WRONG_TYPE"), ("longitude", "WRONG_TYPE")]),
    ];

    for (latitude, longitude, expected) in cases {
        let place = json!({ "latitude": latitude, "longitude": longitude });
        let (created, of_creation) = ayse.post("/addresses", home_with(place.clone())).await.parts();
        let (changed, of_change) = ayse.put(&path, place.clone()).await.parts();

        assert_eq!((created, faults(&of_creation)), (422, expected.clone()), "{place}");
        assert_eq!((changed, faults(&of_change)), (422, expected), "{place}");
    }
    let alone = ayse.put(&path, json!({ "latitude": 41 })).await.parts();
    assert_eq!((alone.0, faults(&alone.1)), (422, vec![("longitude", "REQUIRED")]));
    let shown = ayse.get(&path).await.json();
    assert_eq!((&shown["latitude"], &shown["longitude"]), (&Value::Null, &Value::Null));
    let hint = ayse.put(&path, json!({ "latitude": 29.02, "longitude": 40.98 })).await.json();
    assert!(hint["detail"].as_str().unwrap().contains("swapped"), "{hint}");
}

async fn a_field_of_another_type_is_named(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;
    let names = TEXTS.iter().map(|(name, _)| *name).chain(["latitude", "longitude", "is_default"]);

    for name in names {
        for wrong in [json!({ "\0": "\0" }), json!([{}]), json!([1])] {
            let (created, of_creation) = ayse.post("/addresses", home_with(json!({ name: wrong }))).await.parts();
            let (changed, of_change) = ayse.put(&format!("/addresses/{id}"), json!({ name: wrong })).await.parts();

            assert_eq!((created, faults(&of_creation)), (422, vec![(name, "WRONG_TYPE")]));
            assert_eq!((changed, faults(&of_change)), (422, vec![(name, "WRONG_TYPE")]));
        }
    }
    for body in [json!([]), json!("Ev"), json!(null)] {
        assert_eq!(ayse.post("/addresses", body).await.status, 400);
    }
}

async fn a_kind_that_is_none_is_refused(fixture: Fixture) {
    let (ayse, id) = fixture.with_a_home().await;

    for word in ["COURIER", "user", "", "%00", "USER&entity_type=USER"] {
        let query = format!("entity_type={word}");
        let one = format!("/addresses/{id}?{query}");
        let answers = [
            ayse.get(&format!("/addresses?{query}")).await,
            ayse.post(&format!("/addresses?{query}"), home()).await,
            ayse.get(&one).await,
            ayse.put(&one, json!({})).await,
            ayse.delete(&one).await,
        ];
        if word == "%00" {
            // The check of what nobody can type stands before the routes.
            continue;
        }
        for answer in answers {
            let (status, problem) = answer.parts();
            assert_eq!((status, faults(&problem)[0].0), (422, "entity_type"), "{word}");
        }
    }
    assert_eq!(ayse.get(&format!("/addresses/{id}?entity_type=USER")).await.status, 200);
}
