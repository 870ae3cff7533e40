//! The steps of orders: who makes them, what follows, and what they do by themselves.

use std::time::Duration;

use contracts::{EmailEvent, OrderChange, OrderChanged, OrderStatus};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, Recorded, faults};
use serde_json::{Value, json};

use crate::actions;
use crate::fixture::{Fixture, Kitchen, meal};

on_every_database! {
    Fixture:
    an_order_is_cooked_and_brought_and_its_diner_gets_mails,
    a_step_that_was_made_is_answered_again_and_none_goes_back,
    whoever_has_ordered_calls_it_off_until_two_minutes_after_the_answer,
    a_restaurant_turns_down_with_a_reason,
    what_is_not_answered_is_rejected_and_gives_back_what_it_had,
    what_is_on_its_way_for_three_hours_is_there,
    ten_processes_make_one_step_of_what_is_due,
    an_order_is_nothing_to_strangers,
    what_takes_longer_is_said_five_times_at_most,
    what_was_ordered_before_is_in_the_cart_again,
    a_board_shows_what_is_open_and_what_is_closed,
    whoever_ran_a_restaurant_that_was_deleted_brings_its_orders_to_their_end,
}

pub(super) const ACCEPT: &str = "accept";

/// Somebody who has ordered six ayran, who runs the kitchen, and the order.
struct Placed {
    diner: Client,
    owner: Client,
    kitchen: Kitchen,
    id: String,
}

async fn placed(fixture: &Fixture) -> Placed {
    let kitchen = fixture.kitchen("Çıpa").await;
    let (diner, owner) = (fixture.diner().await, fixture.client().manager(kitchen.catalog.owner_id));
    let id = order(&diner, &kitchen, 6).await;
    Placed { diner, owner, kitchen, id }
}

async fn order(diner: &Client, kitchen: &Kitchen, quantity: i16) -> String {
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": quantity }] });
    let (status, order) = diner.post("/carts/checkout", body).await.parts();
    assert_eq!(status, 200, "{order}");
    order["public_id"].as_str().unwrap().to_owned()
}

pub(super) async fn step(client: &Client, id: &str, step: &str, body: Value) -> (u16, Value) {
    client.post(&format!("/carts/orders/{id}/{step}"), body).await.parts()
}

async fn status(client: &Client, id: &str) -> Value {
    client.get(&format!("/carts/orders/{id}")).await.json()["status"].clone()
}

/// What the diner's mails say, as words, and why.
pub(super) async fn mailed(mails: &Recorded<EmailEvent>) -> Vec<(OrderChange, Option<String>)> {
    let orders = mails.take().await.into_iter().filter_map(|mail| mail.message.order().cloned());
    orders.map(|order| (order.change, order.reason)).collect()
}

async fn an_order_is_cooked_and_brought_and_its_diner_gets_mails(fixture: Fixture) {
    let events = Recorded::<OrderChanged>::of(&fixture.context).await;
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let Placed { diner, owner, id, .. } = placed(&fixture).await;

    let (_, accepted) = step(&owner, &id, ACCEPT, json!({ "eta_minutes": 40 })).await;
    let mut last = Value::Null;
    for to in ["prepare", "dispatch", "deliver"] {
        let (code, order) = step(&owner, &id, to, json!({})).await;
        assert_eq!(code, 200, "{to}: {order}");
        last = order;
    }

    assert_eq!((&accepted["status"], &accepted["target_at"]), (&json!("accepted"), &json!("2026-03-02T12:40:00Z")));
    let timeline: Vec<_> =
        last["timeline"].as_array().unwrap().iter().map(|step| [&step["status"], &step["by"]]).collect();
    let by_owner = ["accepted", "preparing", "on_the_way", "delivered"].map(|status| [json!(status), json!("owner")]);
    assert_eq!(timeline[0], [&json!("placed"), &json!("diner")]);
    assert_eq!(timeline[1..].iter().map(|step| step.map(Clone::clone)).collect::<Vec<_>>(), by_owner);
    assert_eq!(status(&diner, &id).await, "delivered");
    let versions: Vec<_> = events.take().await.iter().map(|event| (event.version, event.status)).collect();
    assert_eq!(versions.len(), 5);
    assert_eq!((versions[0], versions[4]), ((1, OrderStatus::Placed), (5, OrderStatus::Delivered)));
    let expected = [
        OrderChange::Placed,
        OrderChange::Accepted,
        OrderChange::Preparing,
        OrderChange::OnTheWay,
        OrderChange::Delivered,
    ];
    assert_eq!(mailed(&mails).await, expected.map(|change| (change, None)));
}

async fn a_step_that_was_made_is_answered_again_and_none_goes_back(fixture: Fixture) {
    let Placed { diner, owner, id, .. } = placed(&fixture).await;
    let (_, first) = step(&owner, &id, ACCEPT, json!({})).await;

    let again = step(&owner, &id, ACCEPT, json!({})).await;
    step(&owner, &id, "dispatch", json!({})).await;
    let back = step(&owner, &id, "prepare", json!({})).await;
    step(&owner, &id, "deliver", json!({})).await;
    let after_the_end = [
        step(&owner, &id, "reject", json!({ "reason": "closed" })).await,
        step(&owner, &id, "cancel", json!({ "reason": "closed" })).await,
        step(&diner, &id, "cancel", json!({})).await,
    ];

    assert_eq!(again, (200, first));
    assert_eq!(
        (back.0, &back.1["code"], &back.1["status"]),
        (409, &json!("ORDER_STATE_CHANGED"), &json!("on_the_way"))
    );
    assert!(after_the_end.iter().all(|(code, _)| *code == 409), "{after_the_end:?}");
    assert_eq!(status(&diner, &id).await, "delivered");
}

async fn whoever_has_ordered_calls_it_off_until_two_minutes_after_the_answer(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let (diner, owner) = (fixture.diner().await, fixture.client().manager(kitchen.catalog.owner_id));
    let (early, soon, late) =
        (order(&diner, &kitchen, 6).await, order(&diner, &kitchen, 7).await, order(&diner, &kitchen, 8).await);

    let before = step(&diner, &early, "cancel", json!({})).await;
    for id in [&soon, &late] {
        step(&owner, id, ACCEPT, json!({})).await;
    }
    fixture.clock.advance(Duration::from_secs(119));
    let within = step(&diner, &soon, "cancel", json!({})).await;
    fixture.clock.advance(Duration::from_secs(2));
    let behind = step(&diner, &late, "cancel", json!({})).await;
    let by_owner = step(&owner, &late, "cancel", json!({})).await;
    let with_reason = step(&owner, &late, "cancel", json!({ "reason": "sold_out" })).await;

    assert_eq!([before.0, within.0, behind.0], [200, 200, 409]);
    assert_eq!((by_owner.0, faults(&by_owner.1)), (422, vec![("reason", "REQUIRED")]));
    assert_eq!((&with_reason.1["status"], &with_reason.1["reason"]), (&json!("cancelled"), &json!("sold_out")));
}

async fn a_restaurant_turns_down_with_a_reason(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let Placed { diner, owner, id, .. } = placed(&fixture).await;

    let wrong = [
        step(&owner, &id, "reject", json!({})).await,
        step(&owner, &id, "reject", json!({ "reason": "no_answer" })).await,
        step(&owner, &id, "reject", json!({ "reason": "other" })).await,
        step(&owner, &id, ACCEPT, json!({ "eta_minutes": 4 })).await,
    ];
    let by_diner = step(&diner, &id, "reject", json!({ "reason": "closed" })).await;
    let (code, rejected) = step(&owner, &id, "reject", json!({ "reason": "other", "text": "Fırın bozuldu" })).await;

    let named: Vec<_> = wrong.iter().map(|(code, body)| (*code, faults(body))).collect();
    assert_eq!(
        named,
        [
            (422, vec![("reason", "REQUIRED")]),
            (422, vec![("reason", "REASON_UNKNOWN")]),
            (422, vec![("text", "REQUIRED")]),
            (422, vec![("eta_minutes", "MINUTES_OUT_OF_RANGE")]),
        ]
    );
    assert_eq!((by_diner.0, &by_diner.1["code"]), (403, &json!("STEP_FORBIDDEN")));
    assert_eq!(
        (code, &rejected["status"], &rejected["reason_text"]),
        (200, &json!("rejected"), &json!("Fırın bozuldu"))
    );
    assert_eq!(mailed(&mails).await[1..], [(OrderChange::Rejected, Some("other".to_owned()))]);
}

async fn what_is_not_answered_is_rejected_and_gives_back_what_it_had(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(1)).await;
    fixture.clock.advance(Duration::from_secs(2));
    let (diner, other) = (fixture.diner().await, fixture.diner().await);
    let id = order(&diner, &kitchen, 6).await;
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let full = other.post("/carts/checkout", body.clone()).await;

    fixture.clock.advance(Duration::from_secs(10 * 60 - 1));
    actions::step_due(&fixture.carts).await.unwrap();
    let before = status(&diner, &id).await;
    fixture.clock.advance(Duration::from_secs(1));
    actions::step_due(&fixture.carts).await.unwrap();
    let after = diner.get(&format!("/carts/orders/{id}")).await.json();
    let next = other.post("/carts/checkout", body).await;

    assert_eq!((full.status, full.code()), (409, "SLOT_FULL".to_owned()));
    assert_eq!(
        (before, &after["status"], &after["reason"]),
        (json!("placed"), &json!("rejected"), &json!("no_answer"))
    );
    assert_eq!(after["timeline"][1]["by"], "system");
    assert_eq!(next.status, 200);
    assert_eq!(mailed(&mails).await[1], (OrderChange::Rejected, Some("no_answer".to_owned())));
}

async fn what_is_on_its_way_for_three_hours_is_there(fixture: Fixture) {
    let Placed { diner, owner, id, .. } = placed(&fixture).await;
    step(&owner, &id, ACCEPT, json!({})).await;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    actions::step_due(&fixture.carts).await.unwrap();
    let accepted = status(&diner, &id).await;
    step(&owner, &id, "dispatch", json!({})).await;

    fixture.clock.advance(Duration::from_secs(3 * 60 * 60));
    actions::step_due(&fixture.carts).await.unwrap();

    assert_eq!((accepted, status(&diner, &id).await), (json!("accepted"), json!("delivered")));
}

async fn ten_processes_make_one_step_of_what_is_due(fixture: Fixture) {
    let events = Recorded::<OrderChanged>::of(&fixture.context).await;
    let Placed { diner, kitchen, id, .. } = placed(&fixture).await;
    order(&diner, &kitchen, 7).await;
    let others = join_all((0..9).map(|_| fixture.another_process())).await;
    fixture.clock.advance(Duration::from_secs(60 * 60));

    let all = others.iter().chain([&fixture]).map(|process| actions::step_due(&process.carts));
    join_all(all).await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();

    let rejected = events.take().await.into_iter().filter(|event| event.status == OrderStatus::Rejected).count();
    assert_eq!((rejected, status(&diner, &id).await), (2, json!("rejected")));
}

async fn an_order_is_nothing_to_strangers(fixture: Fixture) {
    let Placed { diner, owner, id, .. } = placed(&fixture).await;
    let liman = fixture.kitchen("Liman").await;
    let strangers = [
        fixture.ayse(),
        fixture.client().manager(liman.catalog.owner_id),
        // Who has run it and runs it no more.
        fixture.client().user(fixture.new_user()),
    ];
    let bodies = [
        ("accept", json!({})),
        ("reject", json!({ "reason": "closed" })),
        ("prepare", json!({})),
        ("dispatch", json!({})),
        ("deliver", json!({})),
        ("cancel", json!({ "reason": "closed" })),
        ("delay", json!({ "minutes": 10 })),
        ("reorder", json!({})),
    ];

    for stranger in &strangers {
        let read = stranger.get(&format!("/carts/orders/{id}")).await;
        assert_eq!((read.status, read.code()), (404, "ORDER_NOT_FOUND".to_owned()));
        for (path, body) in &bodies {
            assert_eq!(step(stranger, &id, path, body.clone()).await.0, 404, "{path}");
        }
    }
    let reorder_by_owner = step(&owner, &id, "reorder", json!({})).await;
    let nobody = fixture.client().get(&format!("/carts/orders/{id}")).await;
    let admin = fixture.client().admin(fixture.new_user());

    assert_eq!((reorder_by_owner.0, nobody.status), (404, 401));
    assert_eq!(status(&diner, &id).await, "placed");
    assert_eq!(step(&admin, &id, "accept", json!({})).await.1["timeline"][1]["by"], "admin");
}

async fn what_takes_longer_is_said_five_times_at_most(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let Placed { diner, owner, id, .. } = placed(&fixture).await;
    let early = step(&owner, &id, "delay", json!({ "minutes": 10 })).await;
    step(&owner, &id, ACCEPT, json!({})).await;
    mailed(&mails).await;

    let by_diner = step(&diner, &id, "delay", json!({ "minutes": 10 })).await;
    let mut delayed = Vec::new();
    for number in 0..6 {
        let another = owner.with_header("idempotency-key", &number.to_string());
        delayed.push(step(&another, &id, "delay", json!({ "minutes": 10 })).await);
    }

    assert_eq!([early.0, by_diner.0], [409, 403]);
    assert_eq!(delayed.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [200, 200, 200, 200, 200, 409]);
    assert_eq!(delayed[0].1["target_at"], "2026-03-02T12:35:00Z");
    assert_eq!(delayed[5].1["code"], "DELAYED_TOO_OFTEN");
    assert_eq!(mailed(&mails).await, vec![(OrderChange::Delayed, None); 5]);
    assert_eq!(step(&owner, &id, "prepare", json!({})).await.0, 200);
}

async fn what_was_ordered_before_is_in_the_cart_again(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let (ayse, liman) = (fixture.diner().await, fixture.kitchen("Liman").await);
    let with_hot = json!([{ "option_id": kitchen.hot }]);
    let body = json!({ "payment_method": "cash", "items": [
        { "meal_id": kitchen.ayran, "quantity": 2, "note": "soğuk" },
        { "meal_id": kitchen.ayran, "quantity": 1, "note": "ılık" },
        { "meal_id": kitchen.adana, "options": with_hot },
    ] });
    let placed = ayse.post("/carts/checkout", body).await.json();
    let id = placed["public_id"].as_str().unwrap();
    ayse.post("/carts/add", liman.two_ayran(json!({}))).await;

    let asked = step(&ayse, id, "reorder", json!({})).await;
    let adana = kitchen.adana;
    fixture.change(&mut kitchen, |catalog| meal(catalog, adana).is_available = false).await;
    fixture.clock.advance(Duration::from_secs(2));
    let (code, again) = step(&ayse, id, "reorder", json!({ "on_conflict": "replace" })).await;
    let (_, twice) = step(&ayse, id, "reorder", json!({})).await;

    assert_eq!((asked.0, &asked.1["code"]), (400, &json!("DIFFERENT_RESTAURANT")));
    assert_eq!((code, again["items"].as_array().unwrap().len(), &again["items"][0]["quantity"]), (200, 1, &json!(3)));
    assert_eq!(again["unavailable"], json!([{ "meal_id": adana, "name": "Adana Kebap", "reason": "SOLD_OUT" }]));
    assert_eq!(twice["items"][0]["quantity"], 3);
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 1);
}

async fn a_board_shows_what_is_open_and_what_is_closed(fixture: Fixture) {
    let Placed { diner, owner, kitchen, id: first } = placed(&fixture).await;
    let second = order(&diner, &kitchen, 7).await;
    let third = order(&diner, &kitchen, 8).await;
    step(&owner, &second, "reject", json!({ "reason": "closed" })).await;
    let board = format!("/carts/restaurants/{}/orders", kitchen.id);
    let names = |orders: Value| -> Vec<String> {
        orders.as_array().unwrap().iter().map(|order| order["public_id"].as_str().unwrap().to_owned()).collect()
    };

    let open = owner.get(&board).await;
    let page = owner.get(&format!("{board}?view=open&limit=1")).await;
    let next = page.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = owner.get(&next).await;
    let closed = owner.get(&format!("{board}?view=closed")).await;
    let wrong = owner.get(&format!("{board}?view=all")).await;

    assert_eq!(names(open.json()), [first.clone(), third.clone()]);
    assert_eq!((names(page.json()), names(rest.json())), (vec![first], vec![third]));
    assert_eq!(names(closed.json()), [second]);
    assert_eq!((wrong.status, faults(&wrong.json())), (422, vec![("view", "VIEW_UNKNOWN")]));
    assert_eq!(diner.get(&board).await.status, 404);
    assert_eq!(fixture.client().admin(fixture.new_user()).get(&board).await.status, 200);
    assert_eq!(fixture.client().get(&board).await.status, 401);
}

async fn whoever_ran_a_restaurant_that_was_deleted_brings_its_orders_to_their_end(fixture: Fixture) {
    let Placed { diner, owner, kitchen, id } = placed(&fixture).await;
    let liman = fixture.kitchen("Liman").await;
    let stranger = fixture.client().manager(liman.catalog.owner_id);
    step(&owner, &id, ACCEPT, json!({})).await;
    fixture.hear(kitchen.deletion()).await.unwrap();
    fixture.clock.advance(Duration::from_secs(2));
    let board = format!("/carts/restaurants/{}/orders", kitchen.id);

    let (shown, hidden) = (owner.get(&board).await, stranger.get(&board).await);
    let dispatched = step(&owner, &id, "dispatch", json!({})).await;
    let by_stranger = step(&stranger, &id, "deliver", json!({})).await;
    let delivered = step(&owner, &id, "deliver", json!({})).await;

    assert_eq!((shown.status, &shown.json()[0]["public_id"], hidden.status), (200, &json!(id), 404));
    assert_eq!([dispatched.0, by_stranger.0, delivered.0], [200, 404, 200]);
    assert_eq!(delivered.1["timeline"].as_array().unwrap().last().unwrap()["by"], "owner");
    assert_eq!(status(&diner, &id).await, "delivered");
}
