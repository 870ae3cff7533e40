//! Bad input of every field of a meal: refused by its code and its name, and nothing is stored.

use kit::on_every_database;
use kit::testing::faults;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    what_must_be_there_is_named_where_it_is_missing,
    each_field_of_a_meal_says_what_is_wrong_with_it,
    what_is_just_fine_is_taken,
    a_meal_names_what_is_of_its_restaurant,
}

const NOBODY: &str = "018f0000-0000-7000-8000-000000000009";

async fn what_must_be_there_is_named_where_it_is_missing(fixture: Fixture) {
    let meral = fixture.manager();

    for body in [json!({}), json!({ "restaurant_id": null, "name": null, "price": null })] {
        let (status, problem) = meral.client.post("/meals", body).await.parts();
        let missing = vec![("restaurant_id", "REQUIRED"), ("name", "REQUIRED"), ("price", "REQUIRED")];
        assert_eq!((status, faults(&problem)), (422, missing));
    }
    assert_eq!(meral.client.post("/meals", json!([])).await.status, 400);
}

async fn each_field_of_a_meal_says_what_is_wrong_with_it(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let long = |length: usize| Value::from("ş".repeat(length));
    let ids = |count: usize| {
        (0..count).map(|number| format!("018f0000-0000-7000-8000-0000000000{number:02}")).collect::<Vec<_>>()
    };
    let cases: Vec<(&str, Value, &str)> = vec![
        ("name", long(129), "TOO_LONG"),
        ("name", json!(" "), "EMPTY"),
        ("name", json!("a\nb"), "CONTROL_CHARACTERS"),
        ("name", json!(7), "WRONG_TYPE"),
        ("description", long(2001), "TOO_LONG"),
        ("description", json!(""), "EMPTY"),
        ("price", json!(0), "TOO_SMALL"),
        ("price", json!(-1), "TOO_SMALL"),
        ("price", json!(100_000.01), "TOO_LARGE"),
        ("price", json!(0.001), "TOO_MANY_DECIMALS"),
        ("price", json!(0.1 + 0.2), "TOO_MANY_DECIMALS"),
        ("price", json!("240"), "WRONG_TYPE"),
        ("image_url", json!("http://example.com/a.png"), "PICTURE_URL_INVALID"),
        ("cuisine", long(65), "TOO_LONG"),
        ("cuisine", json!(""), "EMPTY"),
        ("complementary_ids[0]", json!(["17"]), "ID_INVALID"),
        ("complementary_ids[1]", json!([NOBODY, NOBODY]), "TWICE"),
        ("complementary_ids", Value::from(ids(11)), "TOO_MANY"),
        ("complementary_ids", json!("17"), "WRONG_TYPE"),
        ("category_id", json!("17"), "ID_INVALID"),
        ("mealtime_id", json!("17"), "ID_INVALID"),
        ("group_ids[0]", json!(["17"]), "ID_INVALID"),
        ("group_ids", Value::from(ids(21)), "TOO_MANY"),
        ("allergens[1]", json!(["gluten", "fear"]), "ALLERGEN_UNKNOWN"),
        ("allergens", json!("gluten"), "WRONG_TYPE"),
        ("contains_alcohol", json!("no"), "WRONG_TYPE"),
        ("contains_pork", json!(0), "WRONG_TYPE"),
        ("position", json!(-1), "OUT_OF_RANGE"),
        ("position", json!(10_001), "OUT_OF_RANGE"),
    ];

    for (field, value, code) in cases {
        let (name, _) = field.split_once('[').unwrap_or((field, ""));
        let body = json!({ name: value });
        let (created, of_creation) = meral.client.post("/meals", Manager::meal(&path, body.clone())).await.parts();
        let (changed, of_change) = meral.client.put(&meal, body).await.parts();

        assert_eq!((created, faults(&of_creation)), (422, vec![(field, code)]), "{value}");
        assert_eq!((changed, faults(&of_change)), (422, vec![(field, code)]), "{value}");
    }
    for (field, value, code) in [("is_available", json!(1), "WRONG_TYPE"), ("restaurant_id", json!("17"), "ID_INVALID")]
    {
        let (status, problem) =
            meral.client.post("/meals", Manager::meal(&path, json!({ field: value }))).await.parts();
        assert_eq!((status, faults(&problem)), (422, vec![(field, code)]));
    }
    assert_eq!(fixture.recorded().await.len(), 2, "what was refused was stored");
}

async fn what_is_just_fine_is_taken(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let cases = [
        ("name", json!("ş".repeat(128))),
        ("description", json!("Bir.\n\nİki.")),
        ("price", json!(0.01)),
        ("price", json!(0.3)),
        ("price", json!(19.9)),
        ("price", json!(100_000)),
        ("allergens", json!(["gluten", "molluscs"])),
        ("contains_pork", json!(true)),
        ("position", json!(10_000)),
    ];

    for (field, value) in cases {
        let (status, shown) = meral.client.put(&meal, json!({ field: value })).await.parts();
        assert_eq!((status, &shown[field]), (200, &value), "{field}");
    }
}

async fn a_meal_names_what_is_of_its_restaurant(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let cases = [
        ("category_id", json!(NOBODY)),
        ("mealtime_id", json!(NOBODY)),
        ("group_ids[0]", json!([NOBODY])),
        ("complementary_ids[0]", json!([NOBODY])),
    ];

    for (field, value) in cases {
        let (name, _) = field.split_once('[').unwrap_or((field, ""));
        let body = json!({ name: value });
        let (created, of_creation) = meral.client.post("/meals", Manager::meal(&path, body.clone())).await.parts();
        let (changed, of_change) = meral.client.put(&meal, body).await.parts();

        assert_eq!((created, faults(&of_creation)), (422, vec![(field, "NOT_OF_THE_RESTAURANT")]));
        assert_eq!((changed, faults(&of_change)), (422, vec![(field, "NOT_OF_THE_RESTAURANT")]));
    }
    let elsewhere = meral.create(json!({})).await;
    let moved = json!({ "restaurant_id": elsewhere.trim_start_matches("/restaurants/") });
    let (status, problem) = meral.client.put(&meal, moved).await.parts();
    assert_eq!((status, faults(&problem)), (422, vec![("restaurant_id", "MOVED")]));
    let unknown = meral.client.post("/meals", Manager::meal(NOBODY, json!({}))).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "RESTAURANT_NOT_FOUND"));
}
