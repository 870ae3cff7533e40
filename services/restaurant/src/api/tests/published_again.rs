//! All restaurants are published once more, for whoever has not heard of them.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::{CatalogChanged, RestaurantId};
use kit::on_every_database;
use serde_json::{Value, json};

use crate::actions::publish_all;
use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    every_restaurant_is_published_once_more_as_it_is_also_one_that_was_deleted,
    whoever_asks_once_more_begins_anew,
    what_changes_meanwhile_is_published_as_it_is_then,
    nothing_is_published_where_there_is_nothing,
}

/// The newest event of each restaurant, with what was recorded of it, except when.
fn newest(events: Vec<CatalogChanged>) -> BTreeMap<RestaurantId, Value> {
    let mut newest: BTreeMap<RestaurantId, (i64, Value)> = BTreeMap::new();
    for event in events {
        let mut value = serde_json::to_value(&event).unwrap();
        value["changed_at"].take();
        let known = newest.entry(event.restaurant_id).or_default();
        if known.0 <= event.version {
            *known = (event.version, value);
        }
    }
    newest.into_iter().map(|(id, (_, event))| (id, event)).collect()
}

/// Everything that is published in the next second.
async fn published(fixture: &Fixture) -> Vec<CatalogChanged> {
    let mut events = Vec::new();
    for _ in 0..20 {
        fixture.come_to_rest().await;
        events.extend(fixture.recorded().await);
        fixture.clock.advance(Duration::from_millis(50));
    }
    events
}

/// 24 restaurants, one of them deleted, and a campaign of the platform.
async fn town(fixture: &Fixture) -> BTreeMap<RestaurantId, Value> {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    for number in 1..24 {
        meral.create(json!({ "name": format!("Tezgâh {number}") })).await;
    }
    fixture.serve(&path, &[("Adana Kebap", 24_050)]).await;
    assert_eq!(meral.client.put(&path, json!({ "name": "Çıpa" })).await.status, 200);
    let gone = meral.create(json!({ "name": "Eski" })).await;
    assert_eq!(meral.client.delete(&gone).await.status, 200);
    let campaign = json!({
        "title": "Hoş geldin", "description": "Herkese", "code": "LEZZET10", "kind": "percent", "value": 10,
        "start_date": "2026-03-01T12:00:00Z", "end_date": "2026-03-03T12:00:00Z",
    });
    let created = fixture.client().admin(fixture.new_user()).post("/campaigns", campaign).await;
    assert_eq!(created.status, 201, "{}", created.text);
    newest(fixture.recorded().await)
}

async fn every_restaurant_is_published_once_more_as_it_is_also_one_that_was_deleted(fixture: Fixture) {
    let known = town(&fixture).await;

    publish_all(&fixture.context.database).await.unwrap();
    let events = published(&fixture).await;

    assert_eq!((known.len(), events.len()), (26, 26));
    assert_eq!(newest(events), known);
    assert_eq!(published(&fixture).await, []);
}

async fn whoever_asks_once_more_begins_anew(fixture: Fixture) {
    town(&fixture).await;

    publish_all(&fixture.context.database).await.unwrap();
    fixture.come_to_rest().await;
    let begun = fixture.recorded().await.len();
    publish_all(&fixture.context.database).await.unwrap();

    assert!((1..26).contains(&begun), "{begun}");
    assert_eq!(published(&fixture).await.len(), 26);
}

async fn what_changes_meanwhile_is_published_as_it_is_then(fixture: Fixture) {
    let mut known = town(&fixture).await;
    publish_all(&fixture.context.database).await.unwrap();
    fixture.come_to_rest().await;

    let (_, path) = fixture.open_restaurant(json!({ "name": "Yeni" })).await;
    let id: RestaurantId = path.trim_start_matches("/restaurants/").parse().unwrap();
    let events = newest(published(&fixture).await);

    known.insert(id, events[&id].clone());
    assert_eq!(events[&id]["name"], "Yeni");
    assert_eq!(events, known);
}

async fn nothing_is_published_where_there_is_nothing(fixture: Fixture) {
    publish_all(&fixture.context.database).await.unwrap();

    assert_eq!(published(&fixture).await, []);
}
