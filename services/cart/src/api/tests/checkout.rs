//! Ordering: once, at the prices of the server, and refused with what a diner can do about it.

use std::collections::HashSet;
use std::time::Duration;

use contracts::{Money, OpeningHours, OrderChanged, OrderStatus, PaymentMethod};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, Recorded, changed, faults};
use serde_json::{Value, json};

use super::check_out_at_last;
use crate::fixture::{Fixture, Kitchen, meal};

on_every_database! {
    Fixture:
    a_cart_is_ordered_and_empty_behind_that,
    the_first_front_end_orders_as_it_always_did,
    the_same_order_is_placed_once,
    a_hundred_equal_requests_at_once_are_one_order,
    what_is_refused_changes_nothing_and_says_why,
    a_restaurant_that_is_closed_or_takes_a_break_says_when_it_opens,
    a_time_is_kept_or_refused_and_never_moved,
    whoever_has_seen_less_is_asked_again,
    a_slot_has_as_many_orders_as_fit_into_it,
    orders_are_listed_newest_first_and_are_their_diners_alone,
    what_was_ordered_is_recorded_for_others,
    whoever_orders_again_is_not_taken_for_who_repeats,
    equal_orders_at_once_behind_one_that_is_over_are_one_order,
    the_lines_of_a_cart_say_for_when_it_is,
    a_kitchen_that_needs_no_time_is_given_time_to_answer,
}

/// Two ayran and an adana with a sauce, as the cart of Ayşe has them: 311.50.
async fn filled(fixture: &Fixture) -> (Client, Kitchen) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await;
    (ayse, kitchen)
}

fn cash() -> Value {
    json!({ "payment_method": "cash" })
}

pub(super) async fn order(client: &Client, body: Value) -> Value {
    let (status, order) = client.post("/carts/checkout", body).await.parts();
    assert_eq!(status, 200, "{order}");
    order
}

pub(super) async fn refused(client: &Client, body: Value) -> (u16, String) {
    let answer = client.post("/carts/checkout", body).await;
    (answer.status, answer.code())
}

async fn a_cart_is_ordered_and_empty_behind_that(fixture: Fixture) {
    let (ayse, kitchen) = filled(&fixture).await;

    let placed = order(&ayse, cash()).await;

    assert!(placed["id"].as_i64().unwrap() > 0);
    assert_eq!(placed["restaurant_id"], json!(kitchen.id));
    assert_eq!(
        [&placed["subtotal"], &placed["discount"], &placed["delivery_fee"]],
        [&json!(311.5), &json!(0), &json!(9.9)]
    );
    assert_eq!([&placed["total"], &placed["status"]], [&json!(321.4), &json!("placed")]);
    assert_eq!(placed["vat"], json!(29.21));
    assert_eq!(placed["created_at"], "2026-03-02T12:00:00.000000");
    assert_eq!(
        (&placed["target_at"], &placed["answer_by"]),
        (&json!("2026-03-02T12:25:00Z"), &json!("2026-03-02T12:10:00Z"))
    );
    assert_eq!(placed["lines"][1]["unit_price"], json!(240.5));
    assert_eq!(placed["timeline"].as_array().unwrap().len(), 1);
    assert_eq!(ayse.get("/carts/get").await.json(), json!([]));
}

/// The restaurant is none that there is, and no address is said.
async fn the_first_front_end_orders_as_it_always_did(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let ayse = fixture.client().user(user).with_header("accept-language", "tr");
    for method in ["credit_card", "cash", "pos"] {
        let body = json!({
            "user_id": user, "restaurant_id": "test-restaurant", "payment_method": method, "coupon_code": null,
            "items": [{ "meal_id": kitchen.ayran, "quantity": 6, "note": "soğuk olsun" }],
        });

        let placed = order(&ayse, body).await;

        assert_eq!(
            (&placed["subtotal"], &placed["total"], &placed["discount"]),
            (&json!(213), &json!(222.9), &json!(0))
        );
        assert_eq!(placed["items"], json!([{ "meal_id": kitchen.ayran, "quantity": 6, "note": "soğuk olsun" }]));
        assert_eq!((&placed["payment_method"], &placed["address"]), (&json!(method), &Value::Null));
        assert_eq!(placed["message"], "Sipariş başarıyla oluşturuldu");
    }
    assert_eq!(
        refused(&ayse, json!({ "items": [], "payment_method": "bitcoin" })).await,
        (400, "INVALID_PAYMENT_METHOD".to_owned())
    );
}

async fn the_same_order_is_placed_once(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let ayse = fixture.ayse();
    let body = || json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let keyed = ayse.with_header("idempotency-key", "one");

    let (first, again) = (order(&ayse, body()).await, order(&ayse, body()).await);
    let (with_key, with_key_again) = (order(&keyed, body()).await, keyed.post("/carts/checkout", body()).await);
    let other = json!({ "payment_method": "pos", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let reused = refused(&keyed, other).await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let later = order(&ayse, body()).await;

    assert_eq!(first, again);
    assert_eq!((with_key_again.json(), with_key_again.header("idempotent-replayed")), (with_key.clone(), "true"));
    assert_eq!(reused, (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    assert!(first["id"] != with_key["id"] && first["id"] != later["id"]);
}

async fn a_hundred_equal_requests_at_once_are_one_order(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let (here, there) = (fixture.client().user(user), fixture.another_process().await);
    let there = there.client().user(user);
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });

    let requests = (0..100).map(|number| if number % 2 == 0 { &here } else { &there });
    let answers = join_all(requests.map(|client| check_out_at_last(client, body.clone()))).await;

    let replayed = answers.iter().filter(|answer| answer.headers.contains_key("idempotent-replayed")).count();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(replayed, 99);
    assert_eq!(here.get("/carts/orders").await.json().as_array().unwrap().len(), 1);
}

async fn what_is_refused_changes_nothing_and_says_why(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    let (ayran, adana) = (kitchen.ayran, kitchen.adana);
    let items =
        |meal, quantity| json!({ "payment_method": "cash", "items": [{ "meal_id": meal, "quantity": quantity }] });
    let liman = fixture.kitchen("Liman").await;
    let both = json!({ "payment_method": "cash", "items": [{ "meal_id": ayran }, { "meal_id": liman.ayran }] });
    let to = |address| json!({ "payment_method": "cash", "address_id": address });
    let with_coupon = json!({ "payment_method": "cash", "coupon_code": "yok" });

    let early = [
        refused(&fixture.ayse(), cash()).await,
        refused(&ayse, items(json!(fixture.context.sources.uuid()), 1)).await,
        refused(&ayse, both).await,
        refused(&ayse, items(json!(ayran), 1)).await,
        refused(&ayse, to(fixture.context.sources.uuid())).await,
        refused(&ayse, with_coupon).await,
    ];
    fixture.change(&mut kitchen, |catalog| catalog.terms.payment_methods = vec![PaymentMethod::Pos]).await;
    fixture.clock.advance(Duration::from_secs(2));
    let not_offered = refused(&ayse, cash()).await;
    fixture.change(&mut kitchen, |catalog| meal(catalog, adana).is_available = false).await;
    fixture.clock.advance(Duration::from_secs(2));
    let sold_out = ayse.post("/carts/checkout", cash()).await;

    assert_eq!(
        early.map(|(status, code)| format!("{status} {code}")),
        [
            "422 EMPTY_ORDER",
            "422 UNKNOWN_MEAL",
            "400 DIFFERENT_RESTAURANT",
            "422 MIN_ORDER",
            "409 ADDRESS_NOT_KNOWN_YET",
            "400 COUPON_UNKNOWN",
        ]
    );
    assert_eq!(not_offered, (422, "PAYMENT_METHOD_NOT_OFFERED".to_owned()));
    assert_eq!((sold_out.status, sold_out.code()), (409, "ITEM_UNAVAILABLE".to_owned()));
    assert_eq!(sold_out.json()["items"][0]["reason"], "SOLD_OUT");
    let wrong =
        json!({ "payment_method": "cash", "items": [{ "quantity": 0 }], "fulfilment": "drone", "schedule_date": "x" });
    let named = ayse.post("/carts/checkout", wrong).await.json();
    let named: Vec<&str> = faults(&named).into_iter().map(|(field, _)| field).collect();
    assert_eq!(named, ["items[0].meal_id", "items[0].quantity", "schedule_date", "fulfilment"]);
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 2);
    assert_eq!(ayse.get("/carts/orders").await.json(), json!([]));
}

async fn a_restaurant_that_is_closed_or_takes_a_break_says_when_it_opens(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    fixture.change(&mut kitchen, |catalog| catalog.paused_until = "2026-03-02T13:00:00Z".parse().ok()).await;
    fixture.clock.advance(Duration::from_secs(2));

    let paused = ayse.post("/carts/checkout", cash()).await;
    fixture.change(&mut kitchen, |catalog| catalog.paused_until = None).await;
    // Ten in the evening in İstanbul, when it closes at eleven and takes orders until half past ten.
    fixture.clock.advance(Duration::from_secs(7 * 60 * 60 + 31 * 60));
    let ayse = fixture.client().user(fixture.new_user());
    let items = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let closed = ayse.post("/carts/checkout", items).await;

    assert_eq!((paused.status, paused.code()), (409, "RESTAURANT_PAUSED".to_owned()));
    assert_eq!(paused.json()["next_opening"], "2026-03-02T13:00:00Z");
    assert_eq!((closed.status, closed.code()), (409, "RESTAURANT_CLOSED".to_owned()));
    assert_eq!(closed.json()["next_opening"], "2026-03-09T08:00:00Z");
}

async fn a_time_is_kept_or_refused_and_never_moved(fixture: Fixture) {
    let (ayse, _) = filled(&fixture).await;
    let at = |time: &str| json!({ "payment_method": "cash", "schedule_date": time });

    let refusals = [
        refused(&ayse, at("2026-03-02T15:10")).await,
        refused(&ayse, at("2026-03-10T15:10")).await,
        refused(&ayse, at("2026-03-03T15:10")).await,
        refused(&ayse, at("2026-03-02T22:30")).await,
    ];
    let kept = order(&ayse, at("2026-03-02T22:29")).await;

    let codes = refusals.map(|(status, code)| format!("{status} {code}"));
    assert_eq!(
        codes,
        ["422 SCHEDULE_TOO_SOON", "422 SCHEDULE_TOO_FAR", "422 SCHEDULE_OUTSIDE_HOURS", "422 SCHEDULE_OUTSIDE_HOURS"]
    );
    assert_eq!(kept["target_at"], "2026-03-02T19:29:00Z");
}

async fn whoever_has_seen_less_is_asked_again(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).price_kurus = Money::from_kurus(4_000).unwrap()).await;
    fixture.clock.advance(Duration::from_secs(2));
    let seen = |total: f64| json!({ "payment_method": "cash", "expected_total": total });

    let changed = ayse.post("/carts/checkout", seen(321.4)).await;
    let placed = order(&ayse, seen(400.0)).await;

    assert_eq!(
        (changed.status, changed.code(), &changed.json()["total"]),
        (409, "PRICE_CHANGED".to_owned(), &json!(330.4))
    );
    assert_eq!(placed["total"], json!(330.4));
}

async fn a_slot_has_as_many_orders_as_fit_into_it(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(20)).await;
    fixture.clock.advance(Duration::from_secs(2));
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let diners: Vec<Client> = (0..60).map(|_| fixture.ayse()).collect();

    let answers = join_all(diners.iter().map(|diner| check_out_at_last(diner, body.clone()))).await;

    let placed = answers.iter().filter(|answer| answer.status == 200).count();
    let full = answers.iter().filter(|answer| answer.status == 409 && answer.code() == "SLOT_FULL").count();
    assert_eq!((placed, full), (20, 40));
    let refused = fixture.ayse().post("/carts/checkout", body).await.json();
    assert_eq!(refused["free_slots"][0], "2026-03-02T12:30:00Z");
    assert_eq!(refused["free_slots"].as_array().unwrap().len(), 5);
}

async fn orders_are_listed_newest_first_and_are_their_diners_alone(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let (ayse, ali) = (fixture.ayse(), fixture.ayse());
    let mut placed = Vec::new();
    for quantity in [6, 7, 8] {
        let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": quantity }] });
        placed.insert(0, order(&ayse, body).await["public_id"].clone());
    }

    let all = ayse.with_header("accept-language", "tr").get("/carts/orders").await.json();
    let first = ayse.get("/carts/orders?limit=2").await;
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = ayse.get(&next).await;

    let names =
        |list: &Value| list.as_array().unwrap().iter().map(|order| order["public_id"].clone()).collect::<Vec<_>>();
    assert_eq!((names(&all), &all[0]["message"]), (placed.clone(), &json!("Sipariş geçmişi")));
    assert_eq!((names(&first.json()), names(&rest.json())), (placed[..2].to_vec(), placed[2..].to_vec()));
    assert!(!rest.headers.contains_key("link"));
    assert_eq!(ali.get("/carts/orders").await.json(), json!([]));
}

async fn what_was_ordered_is_recorded_for_others(fixture: Fixture) {
    let recorded = Recorded::<OrderChanged>::of(&fixture.context).await;
    let (ayse, kitchen) = filled(&fixture).await;

    let placed = order(&ayse, cash()).await;

    let events = recorded.take().await;
    let event = &events[0];
    assert_eq!((events.len(), event.version, event.status, event.previous), (1, 1, OrderStatus::Placed, None));
    assert_eq!((json!(event.order_id), event.restaurant_id), (placed["public_id"].clone(), kitchen.id));
    assert_eq!(event.total_kurus.kurus(), 32_140);
}

/// Without a key, the same request is the same order only while that is under way, and only of the same cart.
async fn whoever_orders_again_is_not_taken_for_who_repeats(fixture: Fixture) {
    let (ayse, kitchen) = filled(&fixture).await;
    let first = order(&ayse, cash()).await;
    fixture.clock.advance(Duration::from_secs(1));
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let anew = order(&ayse, cash()).await;
    let items = || json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 7 }] });
    let sent = order(&ayse, items()).await;
    ayse.post(&format!("/carts/orders/{}/cancel", sent["public_id"].as_str().unwrap()), json!({})).await;
    let after_its_end = order(&ayse, items()).await;
    let again = order(&ayse, items()).await;

    assert_ne!(first["public_id"], anew["public_id"]);
    assert_ne!(sent["public_id"], after_its_end["public_id"]);
    assert_eq!((&after_its_end["status"], &after_its_end["public_id"]), (&json!("placed"), &again["public_id"]));
}

async fn equal_orders_at_once_behind_one_that_is_over_are_one_order(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let there = fixture.another_process().await;
    let (here, there) = (fixture.client().user(user), there.client().user(user));
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let over = order(&here, body.clone()).await;
    here.post(&format!("/carts/orders/{}/cancel", over["public_id"].as_str().unwrap()), json!({})).await;

    let requests = (0..20).map(|number| if number % 2 == 0 { &here } else { &there });
    let answers = join_all(requests.map(|client| check_out_at_last(client, body.clone()))).await;

    let ids: HashSet<_> =
        answers.iter().map(|answer| answer.json()["public_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), ids.contains(over["public_id"].as_str().unwrap())), (1, false));
    assert_eq!(here.get("/carts/orders").await.json().as_array().unwrap().len(), 2);
}

async fn the_lines_of_a_cart_say_for_when_it_is(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    let at = |time: &str| json!({ "quantity": 6, "schedule_date": time });
    let (ayse, ali, veli) = (fixture.ayse(), fixture.ayse(), fixture.ayse());
    veli.post("/carts/add", kitchen.two_ayran(at("2026-03-01T18:00:00Z"))).await;
    ayse.post("/carts/add", kitchen.two_ayran(at("2026-03-02T18:00:00Z"))).await;
    ali.post("/carts/add", kitchen.two_ayran(at("2026-03-02T18:00:00Z"))).await;
    let adana = kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]));
    ali.post("/carts/add", adana).await;

    let kept = order(&ayse, cash()).await;
    let over = veli.post("/carts/checkout", cash()).await;
    let several = refused(&ali, cash()).await;
    let said = order(&ali, json!({ "payment_method": "cash", "schedule_date": "2026-03-02T19:00:00Z" })).await;

    assert_eq!(kept["target_at"], "2026-03-02T18:00:00Z");
    // Yesterday's is not ordered for today.
    assert_eq!((over.status, over.code()), (422, "SCHEDULE_TOO_SOON".to_owned()));
    assert_eq!(several, (422, "SCHEDULE_INVALID".to_owned()));
    assert_eq!(said["target_at"], "2026-03-02T19:00:00Z");
}

async fn a_kitchen_that_needs_no_time_is_given_time_to_answer(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.prep_time = 0).await;
    fixture.clock.advance(Duration::from_secs(2));
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let at_once = order(&fixture.ayse(), body.clone()).await;
    // Four in the morning in İstanbul, for the moment at which it opens.
    fixture.clock.advance(Duration::from_secs(13 * 60 * 60));
    fixture.change(&mut kitchen, |catalog| catalog.opening_hours = weekly("11:00-23:00")).await;
    fixture.clock.advance(Duration::from_secs(2));
    let early = changed(body, json!({ "schedule_date": "2026-03-03T11:00" }));
    let at_opening = order(&fixture.ayse(), early).await;

    assert_eq!(at_once["answer_by"], "2026-03-02T12:10:02Z");
    assert_eq!(at_opening["answer_by"], "2026-03-03T08:10:00Z");
}

fn weekly(hours: &str) -> OpeningHours {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<String, Value> = days.iter().map(|day| ((*day).to_owned(), json!(hours))).collect();
    serde_json::from_value(Value::Object(week)).unwrap()
}
