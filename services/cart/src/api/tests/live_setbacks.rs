//! Orders as they move while something is amiss: reports are lost, an order can't be read, clients are slow and orders large.

use std::sync::Arc;
use std::time::Duration;

use contracts::Locale;
use database::Connection;
use futures_util::FutureExt;
use kit::testing::{ReadEvent, RunningTasks, at_last};
use kit::{Task, on_every_database};
use serde_json::json;

use super::live::{LIVE, Town, listed, open, show, step};
use crate::actions::live as live_orders;
use crate::api;
use crate::fixture::Fixture;
use crate::model::Audience;

on_every_database! {
    Fixture:
    large_orders_come_in_parts_and_are_read_again,
    who_waits_holds_little,
    an_order_that_cannot_be_read_hides_no_other,
    who_lost_its_reports_keeps_nobody_waiting,
    what_the_feed_did_not_take_is_said_again,
    a_gap_of_the_feed_lets_everybody_read_anew,
}

async fn large_orders_come_in_parts_and_are_read_again(fixture: Fixture) {
    let tasks = show(&fixture);
    let town = Town::of(&fixture).await;
    let line = json!({ "meal_id": town.kitchen.ayran, "quantity": 6, "note": "ş".repeat(500) });
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(town.order(json!({ "items": vec![&line; 30], "note": number.to_string() })).await);
    }

    let mut in_parts = open(&town.diner, LIVE).await;
    in_parts.next().await;
    let mut parts = vec![in_parts.next_bytes().await.unwrap()];
    while !parts.concat().ends_with(b"\n\n") {
        parts.push(in_parts.next_bytes().await.unwrap());
    }
    let mut stream = open(&town.diner, LIVE).await;
    let snapshot = stream.next_named("snapshot").await;
    for id in &ids {
        step(&town.owner, id, "accept").await;
    }
    let mut accepted = Vec::new();
    for _ in &ids {
        let event = stream.next_named("order").await;
        assert_eq!(event.data["status"], "accepted");
        accepted.push(event.data["public_id"].as_str().unwrap().to_owned());
    }

    let shown: Vec<&str> = listed(&snapshot).iter().map(|(id, _)| *id).collect();
    assert_eq!((shown.len(), parts.len()), (4, 4), "each is a part");
    assert_eq!(std::str::from_utf8(&parts.concat()).unwrap().lines().count(), 4);
    accepted.sort();
    ids.sort();
    assert_eq!(accepted, ids);
    tasks.stop().await;
}

async fn who_waits_holds_little(fixture: Fixture) {
    let audience = Audience::Kitchen(fixture.kitchen("Çıpa").await.id);
    let watching =
        live_orders::watch(&fixture.carts, audience, None, (Locale::Tr, api::render)).await.unwrap().unwrap();

    let held = size_of_val(&api::live::events(Arc::clone(&fixture.carts), watching));

    assert!(held <= 1_024, "{held} bytes");
}

async fn an_order_that_cannot_be_read_hides_no_other(fixture: Fixture) {
    // It reports to nobody.
    let silent = fixture.another_process().await;
    let town = Town::of(&fixture).await;
    let (broken, sound) = (town.order(json!({})).await, town.order(json!({ "note": "hızlı" })).await);
    let number = town.diner.get(&format!("/carts/orders/{broken}")).await.json()["id"].clone();
    let set_locale = async |locale: &str| {
        let update = format!("UPDATE cart_order SET locale = '{locale}' WHERE id = {number}");
        fixture.context.database.execute_unprepared(&update).await.unwrap();
    };
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;
    for id in [&broken, &sound] {
        step(&silent.client().manager(town.kitchen.catalog.owner_id), id, "accept").await;
    }

    set_locale("xx").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    let seen = stream.next_named("order").await;
    let snapshot = open(&town.diner, LIVE).await.next_named("snapshot").await;
    set_locale("tr").await;
    // Nobody searches so far back any more.
    fixture.clock.advance(Duration::from_secs(80));
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    let mended = stream.next_named("order").await;

    assert_eq!(seen.data["public_id"], json!(sound));
    assert_eq!(listed(&snapshot), [(&*sound, "accepted")]);
    assert_eq!((&mended.data["public_id"], &mended.data["status"]), (&json!(broken), &json!("accepted")));
}

async fn who_lost_its_reports_keeps_nobody_waiting(fixture: Fixture) {
    let silent = fixture.another_process().await;
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();

    step(&silent.client().manager(town.kitchen.catalog.owner_id), &id, "accept").await;
    fixture.clock.advance(Duration::from_secs(1));
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();

    assert_eq!(stream.next_named("order").await.data["status"], "accepted");
}

/// Hands on what other processes report, and searches for nothing.
fn following(fixture: &Fixture) -> Task {
    let carts = Arc::clone(&fixture.carts);
    Task::new("orders changed elsewhere", move |stop| live_orders::follow_feed(carts, api::render, stop))
}

fn publishing(fixture: &Fixture) -> Task {
    let (carts, reports) = (Arc::clone(&fixture.carts), live_orders::reports(&fixture.carts));
    Task::new("feed of orders", move |stop| live_orders::publish_reports(carts, reports, stop))
}

async fn what_the_feed_did_not_take_is_said_again(fixture: Fixture) {
    let other = fixture.another_process().await;
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;
    let elsewhere = other.client().manager(town.kitchen.catalog.owner_id);
    // It knows who is revoked from its first request on.
    elsewhere.get("/carts/orders").await;
    let tasks = RunningTasks::start(vec![following(&fixture), publishing(&other)]);

    fixture.ephemeral.begin();
    step(&elsewhere, &id, "accept").await;
    at_last("the feed refuses the report", async || (fixture.ephemeral.refused_entries() > 0).then_some(())).await;
    fixture.ephemeral.end();
    let event = at_last("the order is shown", async || {
        fixture.clock.advance(Duration::from_secs(1));
        stream.next_named("order").now_or_never()
    })
    .await;

    assert_eq!(event.data["status"], "accepted");
    tasks.crash().await;
}

async fn a_gap_of_the_feed_lets_everybody_read_anew(fixture: Fixture) {
    let other = fixture.another_process().await;
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;
    let elsewhere = other.client().manager(town.kitchen.catalog.owner_id);
    let (here, there) = (RunningTasks::start(vec![following(&fixture)]), RunningTasks::start(vec![publishing(&other)]));

    step(&elsewhere, &id, "accept").await;
    let by_feed = stream.next_named("order").await;
    there.stop().await;
    step(&elsewhere, &id, "prepare").await;
    fixture.ephemeral.lose_feeds();
    let anew: ReadEvent = at_last("all is read anew", async || {
        fixture.clock.advance(Duration::from_secs(1));
        stream.next_named("snapshot").now_or_never()
    })
    .await;

    assert_eq!((&by_feed.data["status"], listed(&anew)), (&json!("accepted"), vec![(&*id, "preparing")]));
    here.crash().await;
}
