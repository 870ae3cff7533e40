//! Requests that the first platform answered with 500, each time or as soon as there was anything to answer with: the same
//! bytes are answered here, in the shapes that it meant.

use kit::on_every_database;
use kit::testing::{Answer, Ask, faults};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    restaurants_are_read_with_their_addresses,
    a_restaurant_is_written_down,
    lists_are_filtered_by_what_they_could_not_be,
    campaigns_are_written_down_and_listed,
    meals_are_written_down_and_read,
}

/// Fields of a restaurant.
const RESTAURANT: [&str; 9] =
    ["id", "name", "logo", "status", "prep_time", "rating_avg", "address_id", "address", "created_at"];
/// Those of its address which are always there.
const ADDRESS: [&str; 7] = ["id", "title", "address", "city", "district", "full_address", "zip_code"];
const CAMPAIGN: [&str; 6] = ["id", "title", "description", "start_date", "end_date", "restaurant_id"];
const MEAL: [&str; 11] = [
    "id",
    "restaurant_id",
    "name",
    "description",
    "is_available",
    "price",
    "image_url",
    "cuisine",
    "complementary_ids",
    "created_at",
    "updated_at",
];

/// Sends the bytes as a manager does.
async fn post(meral: &Manager, path: &str, body: &str) -> Answer {
    meral.client.send(Ask::post_text(path, "application/json", body)).await
}

/// That `row` has these fields.
fn assert_fields(row: &Value, fields: &[&str]) {
    let present: Vec<&String> = row.as_object().unwrap().keys().collect();
    for field in fields {
        assert!(row.get(field).is_some(), "{field} is not in {present:?}");
    }
}

async fn restaurants_are_read_with_their_addresses(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;
    fixture.follow().await;
    let get = async |path: &str| fixture.client().get(path).await.parts();

    let (listed, list) = get("/restaurants").await;
    let (found, one) = get(&path).await;
    let unknown = get("/restaurants/018f0000-0000-4000-8000-00000000dead").await;
    let no_id = get("/restaurants/kebap").await;
    let health = get("/restaurants/health").await;

    assert_eq!((listed, found, health), (200, 200, (200, json!({ "status": "ok" }))));
    for row in [&list[0], &one] {
        assert_fields(row, &RESTAURANT);
        assert_fields(&row["address"], &ADDRESS);
        let second = row["created_at"].as_str().unwrap();
        assert_eq!((second.len(), second.ends_with('Z')), ("2026-03-02T12:00:00Z".len(), true), "{second}");
    }
    for (status, problem) in [unknown, no_id] {
        assert_eq!((status, &problem["code"]), (404, &json!("RESTAURANT_NOT_FOUND")), "{problem}");
    }
}

async fn a_restaurant_is_written_down(fixture: Fixture) {
    let meral = fixture.manager();
    fixture.deliver(meral.address(1)).await.unwrap();
    let body = format!(
        r#"{{"name":"Çıpa Kebap","description":"Adana kebap, lahmacun","logo":"https://example.com/cipa.png","phone_number":"0216 123 45 67","email":"cipa@example.com","status":"approved","opening_hours":{{"monday":"11:00-23:00","tuesday":"11:00-23:00"}},"prep_time_min":25,"delivery_fee":9.9,"min_order":75,"address_id":"{}"}}"#,
        meral.address_id
    );

    let (status, created) = post(&meral, "/restaurants", &body).await.parts();
    let unreadable = post(&meral, "/restaurants", r#"{"name":"Çıpa"#).await;

    assert_eq!((status, &created["message"]), (201, &json!("Restaurant created successfully")));
    assert_eq!(fixture.list("").await[0]["name"], "Çıpa Kebap");
    assert_eq!(unreadable.status, 400);
}

async fn lists_are_filtered_by_what_they_could_not_be(fixture: Fixture) {
    let (meral, _) = fixture.open_restaurant(json!({})).await;
    let names = |list: &Value| list.as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    let own = format!("?owner_id={}", meral.id);

    for filter in ["?city=%C4%B0stanbul", "?district=Kad%C4%B1k%C3%B6y", &own] {
        assert_eq!(names(&fixture.list(filter).await), ["Çıpa Kebap"], "{filter}");
        assert_eq!(names(&fixture.search(filter).await["restaurants"]), ["Çıpa Kebap"], "{filter}");
    }
    for filter in ["?city=Ankara", "?district=%C3%87ankaya"] {
        assert_eq!(fixture.list(filter).await, json!([]), "{filter}");
    }
    let injected = fixture.client().get("/restaurants?sort=name;DROP%20TABLE%20restaurants").await;
    assert_eq!((injected.status, faults(&injected.json())), (422, vec![("sort", "SORT_UNKNOWN")]));
}

async fn campaigns_are_written_down_and_listed(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let body = format!(
        r#"{{"title":"Hafta sonu","description":"Cumartesi ve pazar","start_date":"2026-03-01T12:00:00Z","end_date":"2026-03-03T12:00:00Z","restaurant_id":"{}"}}"#,
        path.trim_start_matches("/restaurants/")
    );

    let (status, created) = post(&meral, "/campaigns", &body).await.parts();
    let (listed, list) = fixture.client().get("/campaigns").await.parts();

    assert_eq!((status, &created["message"], listed), (201, &json!("Campaign created successfully"), 200));
    assert_fields(&list[0], &CAMPAIGN);
    assert_eq!((&list[0]["title"], &list[0]["start_date"]), (&json!("Hafta sonu"), &json!("2026-03-01T12:00:00Z")));
}

async fn meals_are_written_down_and_read(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let restaurant = path.trim_start_matches("/restaurants/");
    let body = format!(
        r#"{{"restaurant_id":"{restaurant}","name":"Adana Kebap","description":"Acılı, közde","price":240.5,"image_url":"/media/adana.png","cuisine":"Kebap"}}"#
    );

    let (status, created) = post(&meral, "/meals/", &body).await.parts();
    let id = created["id"].as_str().unwrap();
    let with = json!({ "name": "Ayran", "complementary_ids": [id] });
    let ayran = meral.create_meal(&path, with).await;
    let (read, meal) = fixture.client().get(&format!("/meals/{id}")).await.parts();
    let (_, beside) = fixture.client().get(&format!("{ayran}/complementary")).await.parts();

    assert_eq!((status, read), (201, 200));
    for row in [&meal, &beside[0]] {
        assert_fields(row, &MEAL);
        assert_eq!((&row["name"], &row["price"]), (&json!("Adana Kebap"), &json!(240.5)));
    }
}
