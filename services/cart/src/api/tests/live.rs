//! Orders as they move: streams for diners and kitchens, what makes up for lost reports, and polling.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Ask, Client, EventReader, ReadEvent, RunningTasks, at_last};
use serde_json::{Value, json};

use super::payments;
use crate::actions::live as live_orders;
use crate::api;
use crate::fixture::{Fixture, Kitchen};
use crate::live::Search;

on_every_database! {
    Fixture:
    a_diner_sees_each_step_of_an_order,
    whoever_comes_again_is_shown_what_was_missed_and_nothing_twice,
    a_kitchen_sees_what_it_can_cook_and_nobody_elses_orders,
    a_kitchen_never_sees_what_was_called_off_before_it_was_paid,
    what_a_card_pays_is_shown_as_it_is_paid,
    a_kitchen_is_shown_to_who_runs_it_and_to_admins,
    who_has_nothing_to_watch_need_not_come_again,
    what_ended_a_quarter_of_an_hour_ago_is_shown_no_more,
    steps_made_by_another_process_are_seen_here,
    what_a_process_did_not_report_is_found,
    steps_are_seen_while_the_store_is_away,
    after_a_gap_everybody_reads_anew,
    a_ticket_opens_the_streams_of_whoever_asked_for_it,
    an_order_that_has_not_changed_is_not_sent_again,
}

pub(super) const LIVE: &str = "/carts/orders/live";

/// A kitchen and somebody who orders there.
pub(super) struct Town {
    pub(super) kitchen: Kitchen,
    pub(super) diner: Client,
    pub(super) owner: Client,
}

impl Town {
    pub(super) async fn of(fixture: &Fixture) -> Self {
        let kitchen = fixture.kitchen("Çıpa").await;
        let (diner, owner) = (fixture.diner().await, fixture.client().manager(kitchen.catalog.owner_id));
        Self { kitchen, diner, owner }
    }

    pub(super) async fn order(&self, changes: Value) -> String {
        let body = json!({ "payment_method": "cash", "items": [{ "meal_id": self.kitchen.ayran, "quantity": 6 }] });
        let (status, order) = self.diner.post("/carts/checkout", kit::testing::changed(body, changes)).await.parts();
        assert_eq!(status, 200, "{order}");
        order["public_id"].as_str().unwrap().to_owned()
    }

    fn board(&self) -> String {
        format!("/carts/restaurants/{}/live", self.kitchen.id)
    }
}

pub(super) async fn step(client: &Client, id: &str, step: &str) {
    let answer = client.post(&format!("/carts/orders/{id}/{step}"), json!({ "eta_minutes": 30 })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub(super) async fn open(client: &Client, path: &str) -> EventReader {
    open_behind(client, path, None).await
}

async fn open_behind(client: &Client, path: &str, last_event_id: Option<&str>) -> EventReader {
    let ask = Ask::get(path);
    let ask = match last_event_id {
        Some(id) => ask.header("last-event-id", id),
        None => ask,
    };
    client.open(ask).await.unwrap_or_else(|answer| panic!("{}: {}", answer.status, answer.text))
}

/// Lets orders be shown as the service does.
pub(super) fn show(fixture: &Fixture) -> RunningTasks {
    RunningTasks::start(crate::showing(&fixture.carts).into())
}

/// Ids and states of the orders of a snapshot.
pub(super) fn listed(snapshot: &ReadEvent) -> Vec<(&str, &str)> {
    let orders = snapshot.data["orders"].as_array().unwrap().iter();
    orders.map(|order| (order["public_id"].as_str().unwrap(), order["status"].as_str().unwrap())).collect()
}

async fn a_diner_sees_each_step_of_an_order(fixture: Fixture) {
    let tasks = show(&fixture);
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;

    let first = stream.next_named("snapshot").await;
    let mut states = vec![first.id.clone()];
    for (to, expected) in
        [("accept", "accepted"), ("prepare", "preparing"), ("dispatch", "on_the_way"), ("deliver", "delivered")]
    {
        step(&town.owner, &id, to).await;
        let event = stream.next_named("order").await;
        assert_eq!((event.data["public_id"].as_str(), event.data["status"].as_str()), (Some(&*id), Some(expected)));
        states.push(event.id);
    }

    let order = &first.data["orders"][0];
    assert_eq!((order["timeline"].as_array().unwrap().len(), order["message"].as_str()), (1, Some("Order")));
    assert!(first.data["server_time"].as_str().unwrap().starts_with("2026-03-02T12:00"), "{first:?}");
    states.sort();
    states.dedup();
    assert_eq!(states.len(), 5, "each state has a name of its own");
    tasks.stop().await;
}

async fn whoever_comes_again_is_shown_what_was_missed_and_nothing_twice(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let seen = open(&town.diner, LIVE).await.next_named("snapshot").await.id;

    let same = {
        let mut stream = open_behind(&town.diner, LIVE, Some(&seen)).await;
        stream.next().await;
        stream.next().await.unwrap()
    };
    step(&town.owner, &id, "accept").await;
    let moved = open_behind(&town.diner, LIVE, Some(&seen)).await.next_named("snapshot").await;
    let unknown = open_behind(&town.diner, LIVE, Some("no state of ours")).await.next_named("snapshot").await;

    assert_eq!((same.name.as_str(), &same.id), ("unchanged", &seen));
    assert_eq!(listed(&moved), [(&*id, "accepted")]);
    assert_eq!(unknown.id, moved.id);
}

async fn a_kitchen_sees_what_it_can_cook_and_nobody_elses_orders(fixture: Fixture) {
    let tasks = show(&fixture);
    let (town, other) = (Town::of(&fixture).await, Town::of(&fixture).await);
    let mut board = open(&town.owner, &town.board()).await;
    let empty = board.next_named("snapshot").await;

    other.order(json!({})).await;
    let by_card = town.order(json!({ "payment_method": "credit_card", "payment": { "token": "3ds_ok" } })).await;
    let in_cash = town.order(json!({ "note": "hızlı" })).await;
    let seen = board.next_named("order").await;
    let again = open(&town.owner, &town.board()).await.next_named("snapshot").await;
    let of_diner = open(&town.diner, LIVE).await.next_named("snapshot").await;

    assert_eq!(listed(&empty), []);
    assert_eq!((seen.data["public_id"].as_str(), seen.data["status"].as_str()), (Some(&*in_cash), Some("placed")));
    assert_eq!(listed(&again), [(&*in_cash, "placed")]);
    assert_eq!(listed(&of_diner), [(&*in_cash, "placed"), (&*by_card, "awaiting_payment")]);
    tasks.stop().await;
}

async fn a_kitchen_never_sees_what_was_called_off_before_it_was_paid(fixture: Fixture) {
    let tasks = show(&fixture);
    let town = Town::of(&fixture).await;
    let mut board = open(&town.owner, &town.board()).await;
    board.next_named("snapshot").await;
    let list = async |view: &str| {
        let path = format!("/carts/restaurants/{}/orders?view={view}", town.kitchen.id);
        let orders = town.owner.get(&path).await.json();
        let ids = orders.as_array().unwrap().iter().map(|order| order["public_id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };

    let unpaid = town.order(json!({ "payment_method": "credit_card", "payment": { "token": "3ds_ok" } })).await;
    step(&town.diner, &unpaid, "cancel").await;
    let placed = town.order(json!({})).await;
    let first = board.next_named("order").await;
    let shown = open(&town.owner, &town.board()).await.next_named("snapshot").await;
    let lists = [list("open").await, list("closed").await];
    step(&town.diner, &placed, "cancel").await;
    let second = board.next_named("order").await;

    assert_eq!(first.data["public_id"], json!(placed));
    assert_eq!((listed(&shown), lists), (vec![(&*placed, "placed")], [vec![placed.clone()], vec![]]));
    assert_eq!((&second.data["public_id"], &second.data["status"]), (&json!(placed), &json!("cancelled")));
    assert_eq!(list("closed").await, std::slice::from_ref(&placed));
    let of_diner = open(&town.diner, LIVE).await.next_named("snapshot").await;
    assert_eq!(listed(&of_diner), [(&*placed, "cancelled"), (&*unpaid, "cancelled")]);
    tasks.stop().await;
}

async fn what_a_card_pays_is_shown_as_it_is_paid(fixture: Fixture) {
    let tasks = show(&fixture);
    let town = Town::of(&fixture).await;
    let order = payments::pay(&town.diner, &town.kitchen, "ok").await.json();
    let path = format!("/carts/orders/{}", order["public_id"].as_str().unwrap());
    let admin = fixture.client().admin(fixture.new_user()).with_header("idempotency-key", "one");
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;

    step(&town.owner, order["public_id"].as_str().unwrap(), "accept").await;
    let accepted = stream.next_named("order").await;
    payments::later(&fixture, 1).await;
    let captured = stream.next_named("order").await;
    assert_eq!(admin.post(&format!("{path}/refund"), json!({ "amount": 50.0 })).await.status, 200);
    payments::later(&fixture, 1).await;
    let refunded = stream.next_named("order").await;
    let behind = open_behind(&town.diner, LIVE, Some(&captured.id)).await.next_named("snapshot").await;

    let paid =
        |event: &ReadEvent| (payments::status(&event.data).1.to_owned(), event.data["payment"]["refunded"].as_f64());
    assert_eq!(
        [paid(&accepted), paid(&captured), paid(&refunded)],
        [("authorised".to_owned(), Some(0.0)), ("captured".to_owned(), Some(0.0)), ("captured".to_owned(), Some(50.0)),]
    );
    // Nothing of that is a step.
    assert_eq!((&accepted.data["version"], &behind.id), (&refunded.data["version"], &refunded.id));
    tasks.stop().await;
}

async fn a_kitchen_is_shown_to_who_runs_it_and_to_admins(fixture: Fixture) {
    let (town, other) = (Town::of(&fixture).await, Town::of(&fixture).await);
    let path = town.board();

    let refused = [
        fixture.client().get(&path).await.status,
        town.diner.get(&path).await.status,
        other.owner.get(&path).await.status,
        fixture.client().admin(fixture.new_user()).get("/carts/restaurants/none/live").await.status,
    ];
    let admin = open(&fixture.client().admin(fixture.new_user()), &path).await.next_named("snapshot").await;

    assert_eq!(refused, [401, 404, 404, 404]);
    assert_eq!(listed(&admin), []);
}

async fn who_has_nothing_to_watch_need_not_come_again(fixture: Fixture) {
    let town = Town::of(&fixture).await;

    assert_eq!(town.diner.get(LIVE).await.status, 204);
    assert_eq!(fixture.client().get(LIVE).await.status, 401);
}

async fn what_ended_a_quarter_of_an_hour_ago_is_shown_no_more(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let (ended, open_one) = (town.order(json!({})).await, town.order(json!({ "note": "sessiz" })).await);
    step(&town.owner, &ended, "accept").await;
    step(&town.owner, &ended, "deliver").await;

    let before = open(&town.diner, LIVE).await.next_named("snapshot").await;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let after = open(&town.diner, LIVE).await.next_named("snapshot").await;

    assert_eq!(listed(&before), [(&*open_one, "placed"), (&*ended, "delivered")]);
    assert_eq!(listed(&after), [(&*open_one, "placed")]);
}

async fn steps_made_by_another_process_are_seen_here(fixture: Fixture) {
    let other = fixture.another_process().await;
    let (here, there) = (show(&fixture), show(&other));
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;

    step(&other.client().manager(town.kitchen.catalog.owner_id), &id, "accept").await;

    assert_eq!(stream.next_named("order").await.data["status"], "accepted");
    here.stop().await;
    there.stop().await;
}

async fn what_a_process_did_not_report_is_found(fixture: Fixture) {
    // It reports to nobody, as one does that dies right after its commit.
    let silent = fixture.process_ahead(Duration::ZERO).await;
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;

    step(&silent.client().manager(town.kitchen.catalog.owner_id), &id, "accept").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    let found = stream.next_named("order").await;
    step(&silent.client().manager(town.kitchen.catalog.owner_id), &id, "prepare").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    fixture.clock.advance(Duration::from_secs(5));
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();

    assert_eq!(found.data["status"], "accepted");
    assert_eq!(stream.next_named("order").await.data["status"], "preparing");
}

async fn steps_are_seen_while_the_store_is_away(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    let silent = fixture.another_process().await;
    let elsewhere = silent.client().manager(town.kitchen.catalog.owner_id);
    for client in [&town.owner, &elsewhere] {
        // Each process knows who is revoked from its first request on.
        client.get("/carts/orders").await;
    }

    fixture.ephemeral.begin();
    let tasks = show(&fixture);
    at_last("the feed is known to be away", async || {
        (fixture.carts.live.search_due(fixture.context.now()) == Search::All).then_some(())
    })
    .await;
    step(&town.owner, &id, "accept").await;
    let here = stream.next_named("order").await;
    step(&elsewhere, &id, "prepare").await;
    live_orders::search_changes(&fixture.carts, api::render).await.unwrap();
    let there = stream.next_named("order").await;

    assert_eq!((&here.data["status"], &there.data["status"]), (&json!("accepted"), &json!("preparing")));
    fixture.ephemeral.end();
    tasks.crash().await;
}

async fn after_a_gap_everybody_reads_anew(fixture: Fixture) {
    let silent = fixture.another_process().await;
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let mut stream = open(&town.diner, LIVE).await;
    stream.next_named("snapshot").await;

    step(&silent.client().manager(town.kitchen.catalog.owner_id), &id, "accept").await;
    fixture.carts.live.renew_all();
    // Nobody reads at the very instant at which all would.
    let (snapshot, ()) =
        tokio::join!(stream.next_named("snapshot"), async { fixture.clock.advance(Duration::from_secs(1)) });

    assert_eq!(listed(&snapshot), [(&*id, "accepted")]);
}

async fn a_ticket_opens_the_streams_of_whoever_asked_for_it(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let given = town.diner.post("/carts/live/ticket", json!({})).await.json();
    let query = format!("ticket={}", given["ticket"].as_str().unwrap());

    // Its guard is another one, as that of another process.
    let nobody = fixture.client();
    let own = open(&nobody, &format!("{LIVE}?{query}")).await.next_named("snapshot").await;
    let behind = format!("{LIVE}?{query}&last_event_id={}", own.id);
    let again = open(&nobody, &behind).await.next_named("unchanged").await;
    let board = nobody.get(&format!("{}?{query}", town.board())).await.status;

    assert_eq!((listed(&own), &again.id, board), (vec![(&*id, "placed")], &own.id, 404));
    assert_eq!(nobody.post("/carts/live/ticket", json!({})).await.status, 401);
    assert!(given["expires_at"].as_str().unwrap().starts_with("2026-04-01"), "{given}");
}

async fn an_order_that_has_not_changed_is_not_sent_again(fixture: Fixture) {
    let town = Town::of(&fixture).await;
    let id = town.order(json!({})).await;
    let path = format!("/carts/orders/{id}");
    let first = town.diner.get(&path).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let again = async |client: &Client| client.send(Ask::get(&path).header("if-none-match", &tag)).await;

    let same = again(&town.diner).await;
    let in_turkish = again(&town.diner.with_header("accept-language", "tr")).await;
    step(&town.owner, &id, "accept").await;
    let moved = again(&town.diner).await;

    assert_eq!((first.status, same.status, same.text.as_str()), (200, 304, ""));
    assert_eq!((in_turkish.status, moved.status, &moved.json()["status"]), (200, 200, &json!("accepted")));
    assert_eq!(first.headers["cache-control"], "private, no-cache");
}
