//! How often a manager may write on one day.

use std::time::Duration;

use database::Connection as _;
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::Client;
use serde_json::json;

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_manager_writes_so_often_on_a_day_and_goes_on_the_next,
    what_changes_nothing_or_is_an_admins_is_not_counted,
    every_kind_of_write_counts,
    whoever_has_written_too_much_still_says_what_is_sold_out_and_when_it_is_closed,
    the_last_write_of_a_day_is_given_once,
}

/// Leaves the manager so many writes of the day.
async fn leave(fixture: &Fixture, meral: &Manager, writes: u16) {
    let used = format!("UPDATE daily_write SET count = {}", 5_000 - writes);
    let rows = fixture.context.database.execute_unprepared(&used).await.unwrap().rows_affected();
    assert_eq!(rows, 1, "{} alone has written", meral.id);
}

async fn rename(client: &Client, path: &str, name: &str) -> u16 {
    client.put(path, json!({ "name": name })).await.status
}

/// The clock stands at noon.
async fn a_manager_writes_so_often_on_a_day_and_goes_on_the_next(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    leave(&fixture, &meral, 1).await;

    let last = rename(&meral.client, &path, "Bir").await;
    let refused = meral.client.put(&path, json!({ "name": "İki" })).await;
    let other = fixture.manager().create(json!({})).await;
    fixture.clock.advance(Duration::from_secs(12 * 60 * 60));
    let tomorrow = rename(&fixture.client().manager(meral.id), &path, "Üç").await;

    assert_eq!((last, tomorrow), (200, 200));
    assert_eq!(
        (refused.status, refused.code().as_str(), refused.header("retry-after")),
        (429, "TOO_MANY_WRITES", "43200")
    );
    assert!(other.starts_with("/restaurants/"), "what others write is not the manager's");
    assert_eq!(fixture.client().get(&path).await.json()["name"], "Üç");
}

async fn what_changes_nothing_or_is_an_admins_is_not_counted(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let admin = fixture.client().admin(fixture.new_user());
    leave(&fixture, &meral, 1).await;

    for turn in 0..3 {
        assert_eq!(rename(&meral.client, &path, "Çıpa Kebap").await, 200);
        assert_eq!(rename(&admin, &path, &format!("Yeni {turn}")).await, 200);
        assert_eq!(rename(&admin, &path, "Çıpa Kebap").await, 200);
    }

    assert_eq!([rename(&meral.client, &path, "Son").await, rename(&meral.client, &path, "Fazla").await], [200, 429]);
}

async fn every_kind_of_write_counts(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    let campaign = json!({
        "title": "Hafta sonu", "description": "Cumartesi", "restaurant_id": path.trim_start_matches("/restaurants/"),
        "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T12:00:00Z",
    });
    leave(&fixture, &meral, 0).await;

    let client = &meral.client;
    let refused = [
        client.post("/restaurants", meral.restaurant(json!({}))).await.status,
        client.delete(&path).await.status,
        client.post(&format!("{path}/groups"), json!({ "name": "Acı" })).await.status,
        client.post("/meals", Manager::meal(&path, json!({}))).await.status,
        client.put(&meal, json!({ "price": 1 })).await.status,
        client.delete(&meal).await.status,
        client.post(&format!("{path}/categories"), json!({ "name": "Izgara" })).await.status,
        client.post("/campaigns", campaign).await.status,
    ];

    assert_eq!(refused, [429; 8]);
    assert_eq!(client.get("/restaurants/mine").await.json()["items"].as_array().unwrap().len(), 1);
}

/// Of these there are more, and they end, too.
async fn whoever_has_written_too_much_still_says_what_is_sold_out_and_when_it_is_closed(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let meal = meral.create_meal(&path, json!({})).await;
    leave(&fixture, &meral, 0).await;
    let (client, availability) = (&meral.client, format!("{meal}/availability"));

    let refused = client.put(&meal, json!({ "price": 1 })).await.status;
    let switched = [
        client.put(&format!("{path}/hours"), json!({ "last_order_min": 15 })).await.status,
        client.put(&format!("{path}/pause"), json!({ "until": "2026-03-02T13:00:00Z" })).await.status,
        client.patch(&availability, json!({ "is_available": false })).await.status,
    ];
    let used = "UPDATE daily_write SET count = 10000 WHERE scope = 'restaurant switch'";
    fixture.context.database.execute_unprepared(used).await.unwrap();
    let at_last = client.patch(&availability, json!({ "is_available": true })).await.status;

    assert_eq!((refused, switched, at_last), (429, [200; 3], 429));
}

async fn the_last_write_of_a_day_is_given_once(fixture: Fixture) {
    let (meral, one) = fixture.open_restaurant(json!({})).await;
    let other = meral.create(json!({})).await;
    leave(&fixture, &meral, 1).await;

    let writes = [&one, &other, &one, &other].map(|path| rename(&meral.client, path, "Yeni"));
    let mut answers = join_all(writes).await;

    answers.sort_unstable();
    assert_eq!(answers, [200, 429, 429, 429]);
}
