//! How often a manager may write on one day.

use std::time::Duration;

use database::Connection as _;
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::Client;
use serde_json::json;

use super::{campaign_rights, rights};
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

/// The matrix of rights has every route.
async fn every_kind_of_write_counts(fixture: Fixture) {
    let meral = fixture.manager();
    fixture.deliver(meral.address(1)).await.unwrap();
    let (client, place) = (&meral.client, rights::place(&meral, json!({})).await);
    let restaurant = place.path("/restaurants/{id}");
    let campaign = campaign_rights::create(client, campaign_rights::campaign(&restaurant)).await;
    let hours = client.put(&place.path("/restaurants/{id}/hours"), json!({ "last_order_min": 15 })).await.status;
    let used = "UPDATE daily_write SET count = 10000";
    let rows = fixture.context.database.execute_unprepared(used).await.unwrap().rows_affected();
    assert_eq!((hours, rows), (200, 2), "what is offered is counted, and when");

    let of_restaurants =
        rights::VISIBLE.iter().map(|(method, route, body, _)| (*method, place.path(route), body(&place)));
    let of_campaigns = campaign_rights::CAMPAIGNS
        .iter()
        .map(|(method, route, body, _)| (*method, route.replace("{id}", &campaign), body(&restaurant)));
    // A preview is asked for by a body, and writes nothing.
    let writes = |(method, path, _): &(&str, String, _)| *method != "GET" && path != "/campaigns/preview";
    for (method, path, body) in of_restaurants.chain(of_campaigns).filter(writes) {
        assert_eq!(rights::ask(client, method, &path, body).await, 429, "{method} {path}");
    }

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
