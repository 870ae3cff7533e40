//! For when an order is: kept as it was asked for, or refused with when it could be.

use std::time::Duration;

use contracts::OpeningHours;
use kit::on_every_database;
use kit::testing::{Ask, Client, changed};
use serde_json::{Value, json};

use super::checkout::order;
use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture:
    a_time_is_one_at_which_orders_are_taken_whenever_its_cooking_begins,
    a_night_belongs_to_the_day_on_which_it_begins,
    whoever_is_too_soon_is_shown_a_time_that_will_do,
    whoever_comes_in_a_break_is_shown_when_orders_are_taken_again,
    slots_that_are_shown_as_free_can_be_ordered_for,
    an_order_for_later_never_moves_by_itself,
    a_time_without_a_zone_means_the_same_wherever_it_is_typed,
}

/// Six ayran, with changes.
fn six_ayran(kitchen: &Kitchen, changes: Value) -> Value {
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 6 }]);
    changed(json!({ "payment_method": "cash", "items": items }), changes)
}

fn at(kitchen: &Kitchen, time: &str) -> Value {
    six_ayran(kitchen, json!({ "schedule_date": time }))
}

fn hours(week: Value) -> OpeningHours {
    serde_json::from_value(week).unwrap()
}

/// Orders for then; the target, or the code of the refusal.
async fn ordered_for(diner: &Client, kitchen: &Kitchen, time: &str) -> Value {
    let answer = diner.post("/carts/checkout", at(kitchen, time)).await;
    if answer.status == 200 { answer.json()["target_at"].clone() } else { json!(answer.code()) }
}

/// Monday at three in the afternoon in İstanbul; it is open from eleven to eleven, takes orders until half past ten, and cooks for 25
/// minutes.
async fn a_time_is_one_at_which_orders_are_taken_whenever_its_cooking_begins(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let mut ordered = Vec::new();
    for time in [
        "2026-03-02T15:24:59.999999",
        "2026-03-02T15:25",
        "2026-03-02T22:29:59",
        "2026-03-02T22:30",
        "2026-03-02T22:54",
        "2026-03-09T10:59:59",
        "2026-03-09T11:00",
        "2026-03-09T15:00",
        "2026-03-09T15:00:00.000001",
    ] {
        ordered.push(ordered_for(&ayse, &kitchen, time).await);
    }

    assert_eq!(
        ordered,
        [
            "SCHEDULE_TOO_SOON",
            "2026-03-02T12:25:00Z",
            "2026-03-02T19:29:59Z",
            "SCHEDULE_OUTSIDE_HOURS",
            "SCHEDULE_OUTSIDE_HOURS",
            "SCHEDULE_OUTSIDE_HOURS",
            "2026-03-09T08:00:00Z",
            "2026-03-09T12:00:00Z",
            "SCHEDULE_TOO_FAR",
        ]
    );
}

async fn a_night_belongs_to_the_day_on_which_it_begins(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.opening_hours = hours(json!({ "monday": "18:00-02:00" }))).await;
    fixture.clock.advance(Duration::from_secs(2));
    let ayse = fixture.ayse();

    let mut ordered = Vec::new();
    for time in ["2026-03-02T17:59", "2026-03-03T01:29", "2026-03-03T01:30", "2026-03-03T18:30", "2026-03-09T01:00"] {
        ordered.push(ordered_for(&ayse, &kitchen, time).await);
    }

    let outside = "SCHEDULE_OUTSIDE_HOURS";
    assert_eq!(ordered, [outside, "2026-03-02T22:29:00Z", outside, outside, outside]);
}

async fn whoever_is_too_soon_is_shown_a_time_that_will_do(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let soonest = async |time: &str| {
        let refusal = fixture.ayse().post("/carts/checkout", at(&kitchen, time)).await;
        assert_eq!(refusal.code(), "SCHEDULE_TOO_SOON", "{time}");
        refusal.json()["soonest"].clone()
    };

    let by_day = soonest("2026-03-02T15:10").await;
    // Whoever is shown it needs a moment to send it.
    fixture.clock.advance(Duration::from_secs(59));
    let in_time = order(&fixture.ayse(), at(&kitchen, by_day.as_str().unwrap())).await;
    // Ten past ten in the evening: what begins now is there when no order is taken any more.
    fixture.clock.advance(Duration::from_secs(7 * 60 * 60 + 9 * 60));
    let late = soonest("2026-03-02T22:15").await;
    let next = order(&fixture.ayse(), at(&kitchen, late.as_str().unwrap())).await;

    assert_eq!((&by_day, &in_time["target_at"]), (&json!("2026-03-02T12:26:00Z"), &json!("2026-03-02T12:26:00Z")));
    assert_eq!((&late, &next["target_at"]), (&json!("2026-03-09T08:00:00Z"), &json!("2026-03-09T08:00:00Z")));
}

async fn whoever_comes_in_a_break_is_shown_when_orders_are_taken_again(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let mut next = Vec::new();
    for until in ["2026-03-02T13:00:00Z", "2026-03-02T19:30:00Z", "2026-03-02T20:30:00Z", "2026-03-20T00:00:00Z"] {
        fixture.change(&mut kitchen, |catalog| catalog.paused_until = until.parse().ok()).await;
        fixture.clock.advance(Duration::from_secs(2));
        let refusal = fixture.ayse().post("/carts/checkout", six_ayran(&kitchen, json!({}))).await;
        assert_eq!((refusal.status, refusal.code()), (409, "RESTAURANT_PAUSED".to_owned()), "{until}");
        next.push(refusal.json()["next_opening"].clone());
    }

    // Behind its last order, and behind its close, it is the next Monday; what is farther ahead nobody waits for.
    let monday = json!("2026-03-09T08:00:00Z");
    assert_eq!(next, [json!("2026-03-02T13:00:00Z"), monday.clone(), monday, Value::Null]);
}

async fn slots_that_are_shown_as_free_can_be_ordered_for(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(1)).await;
    fixture.clock.advance(Duration::from_secs(2));
    let mut shown = Vec::new();
    // The last quarter of an hour but one within seven days, and within the hours of today.
    for time in ["2026-03-09T14:30", "2026-03-02T22:00"] {
        order(&fixture.ayse(), at(&kitchen, time)).await;
        let full = fixture.ayse().post("/carts/checkout", at(&kitchen, time)).await;
        assert_eq!((full.status, full.code()), (409, "SLOT_FULL".to_owned()), "{time}");
        let free: Vec<String> = serde_json::from_value(full.json()["free_slots"].clone()).unwrap();
        for slot in &free {
            assert_eq!(&order(&fixture.ayse(), at(&kitchen, slot)).await["target_at"], slot);
        }
        shown.push(free);
    }

    assert_eq!(shown, [vec!["2026-03-09T11:45:00Z", "2026-03-09T12:00:00Z"], vec!["2026-03-02T19:15:00Z"]]);
}

/// Whatever is done with it, but that its restaurant says that it takes longer.
async fn an_order_for_later_never_moves_by_itself(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let card = json!({ "payment_method": "credit_card", "payment": { "token": "3ds_ok" } });
    let asked = order(&diner, changed(at(&kitchen, "2026-03-09T13:00"), card)).await;
    let id = asked["public_id"].as_str().unwrap();
    let step = async |step: &str, body: Value| owner.post(&format!("/carts/orders/{id}/{step}"), body).await.json();

    fixture.clock.advance(Duration::from_secs(9 * 60));
    let page = asked["payment"]["redirect_url"].as_str().unwrap();
    fixture.client().send(Ask::post(&format!("{page}/return"), json!({}))).await;
    let paid = diner.get(&format!("/carts/orders/{id}")).await.json();
    let mut moved = vec![asked.clone(), paid];
    moved.push(step("accept", json!({ "eta_minutes": 40 })).await);
    fixture.clock.advance(Duration::from_secs(7 * 24 * 60 * 60 - 60 * 60));
    for next in ["prepare", "dispatch", "deliver"] {
        moved.push(step(next, json!({})).await);
    }

    let statuses: Vec<_> = moved.iter().map(|order| order["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["awaiting_payment", "placed", "accepted", "preparing", "on_the_way", "delivered"]);
    for order in &moved {
        assert_eq!(order["target_at"], "2026-03-09T10:00:00Z", "{}", order["status"]);
    }
}

/// Eight in the evening by the clocks of İstanbul.
async fn a_time_without_a_zone_means_the_same_wherever_it_is_typed(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let typed = |quantity: u8| json!({ "quantity": quantity, "schedule_date": "2026-03-02T20:00" });
    let [checkout, cart, changed_line, stranger] = [(); 4].map(|()| fixture.ayse());
    let now = json!({ "payment_method": "cash" });

    let mut ordered = vec![ordered_for(&checkout, &kitchen, "2026-03-02T20:00").await];
    let line = cart.post("/carts/add", kitchen.two_ayran(typed(6))).await.json();
    ordered.push(order(&cart, now.clone()).await["target_at"].clone());
    changed_line.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    changed_line.patch(&format!("/carts/update/{}", kitchen.ayran), typed(6)).await;
    ordered.push(order(&changed_line, now.clone()).await["target_at"].clone());
    let anonymous = fixture.client().post("/carts/anonymous/add", kitchen.two_ayran(typed(6))).await.json();
    stranger.post("/carts/anonymous/merge", json!({ "anonymous_cart_id": anonymous["cart_id"] })).await;
    ordered.push(order(&stranger, now).await["target_at"].clone());

    assert_eq!(ordered, [(); 4].map(|()| json!("2026-03-02T17:00:00Z")));
    let shown = [&line["schedule_date"], &anonymous["items"][0]["schedule_date"]];
    assert_eq!(shown, [(); 2].map(|()| "2026-03-02T17:00:00Z"));
}
