//! Requests through the router, as a client sees them.

mod announcements;
mod area;
mod audience;
mod availability;
mod business_pages;
mod campaign_lists;
mod campaign_previews;
mod campaign_rights;
mod campaigns;
mod demo;
mod diner_pages;
mod drafts;
mod failed_before;
mod following;
mod front_end;
mod hours;
mod input;
mod judged;
mod listing;
mod meal_input;
mod meals;
mod menu;
mod menu_parts;
mod published_again;
mod restaurants;
mod rights;
mod search;
mod shared_address;
mod unanswered;
mod unchanged;
mod write_limit;

use kit::on_every_database;
use serde_json::json;

use crate::fixture::{Fixture, Manager};

on_every_database! {
    Fixture:
    the_service_answers_for_its_health_to_everybody,
    every_path_is_also_taken_with_a_slash_at_its_end,
}

async fn the_service_answers_for_its_health_to_everybody(fixture: Fixture) {
    assert_eq!(fixture.client().get("/restaurants/health").await.parts(), (200, json!({ "status": "ok" })));
    assert_eq!(fixture.client().with_token("forged").get("/restaurants/health/").await.status, 200);
}

async fn every_path_is_also_taken_with_a_slash_at_its_end(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;

    assert_eq!(fixture.list("/").await.as_array().unwrap().len(), 1);
    assert_eq!(fixture.client().get(&format!("{path}/")).await.status, 200);
    assert_eq!(fixture.client().get(&format!("{path}/hours/")).await.status, 200);
    assert_eq!(meral.client.post("/restaurants/", meral.restaurant(json!({}))).await.status, 201);
    assert_eq!(meral.client.put(&format!("{path}/"), json!({})).await.status, 200);
    let meal = meral.client.post("/meals/", Manager::meal(&path, json!({}))).await.json();
    let meal = format!("/meals/{}/", meal["id"].as_str().unwrap());
    let of_restaurant = path.replace("/restaurants/", "/meals/restaurant/");
    assert_eq!(fixture.client().get(&format!("{of_restaurant}/")).await.json().as_array().unwrap().len(), 1);
    assert_eq!(fixture.client().get(&meal).await.status, 200);
    for part in ["menu", "campaigns", "categories", "groups", "mealtimes"] {
        assert_eq!(fixture.client().get(&format!("{path}/{part}/")).await.status, 200);
    }
    assert_eq!(fixture.client().get(&format!("{meal}complementary/")).await.json(), json!([]));
    assert_eq!(meral.client.patch(&format!("{meal}availability/"), json!({ "is_available": true })).await.status, 200);
    assert_eq!(meral.client.put(&meal, json!({})).await.status, 200);
    assert_eq!(meral.client.delete(&meal).await.status, 200);
    assert_eq!(meral.client.delete(&format!("{path}/")).await.status, 200);
}
