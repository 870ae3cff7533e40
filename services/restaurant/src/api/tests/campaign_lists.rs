//! The campaigns of one restaurant: what it promises, and what it has promised.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Client, faults};
use serde_json::json;

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    a_restaurant_lists_what_it_promises_and_apart_what_has_ended,
    what_a_draft_has_promised_its_owner_and_admins_see_alone,
    a_flag_that_is_none_is_refused,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Begins a campaign that ends at noon of this day in March.
async fn promise(meral: &Manager, path: &str, title: &str, day: u8) {
    let body = json!({
        "title": title, "description": "Cumartesi ve pazar", "restaurant_id": path.trim_start_matches("/restaurants/"),
        "start_date": "2026-03-01T12:00:00Z", "end_date": format!("2026-03-{day:02}T12:00:00Z"),
    });
    assert_eq!(meral.client.post("/campaigns", body).await.status, 201);
}

/// The titles of those that hold, and of those that have ended.
async fn lists(client: &Client, path: &str) -> [Vec<String>; 2] {
    let mut lists = [Vec::new(), Vec::new()];
    for (list, query) in lists.iter_mut().zip(["", "?ended=true"]) {
        let (status, campaigns) = client.get(&format!("{path}/campaigns{query}")).await.parts();
        assert_eq!(status, 200, "{campaigns}");
        list.extend(campaigns.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()));
    }
    lists
}

async fn a_restaurant_lists_what_it_promises_and_apart_what_has_ended(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let elsewhere = meral.create(json!({})).await;
    for (title, day) in [("Salı", 3), ("Perşembe", 5), ("Çarşamba", 4)] {
        promise(&meral, &path, title, day).await;
    }
    promise(&meral, &elsewhere, "Başkasının", 9).await;
    let anyone = fixture.client();

    let first = lists(&anyone, &path).await;
    fixture.clock.advance(2 * DAY);
    let later = lists(&anyone, &path).await;

    assert_eq!(first, [vec!["Salı", "Çarşamba", "Perşembe"], vec![]]);
    assert_eq!(later, [vec!["Perşembe"], vec!["Salı", "Çarşamba"]]);
    assert_eq!(anyone.get(&format!("{path}/campaigns?ended=false")).await.json()[0]["title"], "Perşembe");
}

async fn what_a_draft_has_promised_its_owner_and_admins_see_alone(fixture: Fixture) {
    let meral = fixture.manager();
    let path = meral.create(json!({})).await;
    promise(&meral, &path, "Salı", 3).await;
    fixture.clock.advance(DAY);
    let (anyone, meral) = (fixture.client(), fixture.client().manager(meral.id));

    for client in [&anyone, &anyone.user(fixture.new_user()), &fixture.manager().client] {
        for query in ["", "?ended=true"] {
            assert_eq!(client.get(&format!("{path}/campaigns{query}")).await.status, 404);
        }
    }
    for client in [&meral, &anyone.admin(fixture.new_user())] {
        assert_eq!(lists(client, &path).await, [vec![], vec!["Salı"]]);
    }
}

async fn a_flag_that_is_none_is_refused(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;

    for (query, code) in [("ended=yes", "BOOLEAN_INVALID"), ("ended=true&ended=true", "REPEATED")] {
        let (status, problem) = fixture.client().get(&format!("{path}/campaigns?{query}")).await.parts();
        assert_eq!((status, faults(&problem)), (422, vec![("ended", code)]));
    }
}
