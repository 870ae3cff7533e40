//! What other platforms got wrong in orders, payments and live status, each with where it was reported. Those that stand elsewhere:
//!
//! | reported in | what has to hold | fact |
//! |---|---|---|
//! | vendurehq/vendure#2620 | who pays in two tabs pays once | `payments::whoever_pays_in_two_tabs_pays_once` |
//! | saleor/saleor#12040 | 25 % of 19.99 is 5.00 | `model::order::money::a_quarter_off_is_rounded_up_at_the_half` |
//! | saleor/saleor#17024, frappe/erpnext#58042 | a discount is spread without a remainder | `model::order::money::the_sums_of_any_order_fit` |
//! | coopcycle/coopcycle-web#2173 | no answer is a rejection, and a mail | `steps::what_is_not_answered_is_rejected_and_gives_back_what_it_had` |
//! | coopcycle/coopcycle-web#2081 | a rejected order is never prepared | `model::order::status::nothing_moves_what_has_come_to_its_end` |
//! | enatega/food-delivery-multivendor#1859, #1903 | a diner sees what was accepted, also of a first order | `live::a_diner_sees_each_step_of_an_order` |
//! | openfoodfoundation/openfoodnetwork#2690 | a double click is one order | `checkout::a_hundred_equal_requests_at_once_are_one_order` |
//!
//! Those of carts stand in `regressions`.

use std::time::Duration;

use contracts::{CatalogClosure, Money};
use kit::on_every_database;
use kit::testing::{Ask, Client, RunningTasks};
use serde_json::{Value, json};

use super::checkout::{order, refused};
use super::coupons::{campaign, give_off};
use super::merge::{cart, choose, merge};
use super::payments::{later, only, pay, read, status};
use crate::actions;
use crate::fixture::{Fixture, Kitchen, meal};
use crate::sandbox::FoundState;

on_every_database! {
    Fixture:
    a_cart_whose_payment_has_failed_takes_what_was_chosen_before_signing_in,
    amounts_that_a_client_sends_are_not_what_a_card_pays,
    a_key_is_free_again_after_a_refusal,
    the_fee_and_its_tax_are_counted_once_in_an_order,
    a_restaurant_that_has_closed_still_answers_what_was_ordered,
    a_closure_within_opening_hours_takes_no_orders,
    a_second_order_beyond_the_cap_is_refused_also_of_the_same_diner,
    a_free_slot_delays_no_order,
    below_the_minimum_nothing_is_ordered_and_what_is_missing_is_said,
    what_is_sold_out_while_a_card_is_confirmed_is_let_go_of,
    a_coupon_worth_more_than_the_basket_takes_all_of_it_and_no_more,
    whoever_has_paid_at_the_last_moment_has_ordered,
    a_tablet_that_was_left_alone_comes_back_to_another_process_after_a_deploy,
}

fn six_ayran(kitchen: &Kitchen) -> Value {
    json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] })
}

async fn step(client: &Client, order: &Value, step: &str, body: Value) -> u16 {
    client.post(&format!("/carts/orders/{}/{step}", order["public_id"].as_str().unwrap()), body).await.status
}

/// What has changed is known everywhere.
fn a_while_later(fixture: &Fixture) {
    fixture.clock.advance(Duration::from_secs(2));
}

/// vendurehq/vendure#3773.
async fn a_cart_whose_payment_has_failed_takes_what_was_chosen_before_signing_in(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    diner.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 6 }))).await;
    let body = json!({ "payment_method": "credit_card", "payment": { "token": "declined" } });
    let declined = refused(&diner, body).await;
    choose(&fixture.client(), kitchen.two_ayran(json!({}))).await;

    let merged = merge(&diner, json!({})).await;

    assert_eq!((declined.0, merged.status), (402, 200), "{}", merged.text);
    assert_eq!(cart(&diner).await, [(json!(kitchen.ayran), json!(8))]);
    assert_eq!(order(&diner, json!({ "payment_method": "cash" })).await["subtotal"], 284);
}

/// saleor/saleor#4162: a price that was seen is held against ours, and nothing else is read.
async fn amounts_that_a_client_sends_are_not_what_a_card_pays(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let cheap = |item: Value| {
        let item = kit::testing::changed(json!({ "meal_id": kitchen.ayran, "quantity": 6 }), item);
        json!({
            "payment_method": "credit_card", "items": [item], "payment": { "token": "ok", "amount": 0.01 },
            "total": 0.01, "subtotal": 0.01, "delivery_fee": 0, "discount": 999,
        })
    };

    let seen_cheap = refused(&diner, cheap(json!({ "unit_price": 0.01 }))).await;
    let placed = order(&diner, cheap(json!({ "price": 0.01, "line_total": 0.01 }))).await;

    assert_eq!(seen_cheap, (409, "PRICE_CHANGED".to_owned()));
    let sums = [&placed["subtotal"], &placed["discount"], &placed["total"], &placed["payment"]["amount"]];
    assert_eq!(sums, [&json!(213), &json!(0), &json!(222.9), &json!(222.9)]);
}

/// medusajs/medusa#1887: what was refused is not remembered.
async fn a_key_is_free_again_after_a_refusal(fixture: Fixture) {
    let (diner, mut kitchen) =
        (fixture.diner().await.with_header("idempotency-key", "one"), fixture.kitchen("Çıpa").await);
    fixture.change(&mut kitchen, |catalog| catalog.paused_until = "2026-03-02T13:00:00Z".parse().ok()).await;
    a_while_later(&fixture);
    let paused = refused(&diner, six_ayran(&kitchen)).await;
    fixture.change(&mut kitchen, |catalog| catalog.paused_until = None).await;
    a_while_later(&fixture);

    let too_little = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran }] });
    let changed = refused(&diner, too_little).await;
    let placed = order(&diner, six_ayran(&kitchen)).await;
    let again = order(&diner, six_ayran(&kitchen)).await;

    assert_eq!((paused.0, changed.0), (409, 422));
    assert_eq!(placed["public_id"], again["public_id"]);
}

/// TastyIgniter/TastyIgniter#695, coopcycle/coopcycle-web#4128: however many lines there are.
async fn the_fee_and_its_tax_are_counted_once_in_an_order(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let items = json!([
        { "meal_id": kitchen.ayran, "quantity": 3, "note": "soğuk" }, { "meal_id": kitchen.ayran, "quantity": 3 },
    ]);

    let placed = order(&diner, json!({ "payment_method": "cash", "items": items })).await;

    let sums = [&placed["subtotal"], &placed["delivery_fee"], &placed["total"], &placed["vat"]];
    // 9.68 of each line, and 0.90 of the way.
    assert_eq!(sums, [&json!(213), &json!(9.9), &json!(222.9), &json!(20.26)]);
}

/// coopcycle/coopcycle-web#1155.
async fn a_restaurant_that_has_closed_still_answers_what_was_ordered(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let first = order(&fixture.diner().await, six_ayran(&kitchen)).await;
    let second = order(&fixture.diner().await, six_ayran(&kitchen)).await;
    let closure =
        CatalogClosure { from: fixture.context.now(), until: fixture.context.now() + Duration::from_secs(3_600) };
    fixture.change(&mut kitchen, |catalog| catalog.closures = vec![closure]).await;
    a_while_later(&fixture);

    let accepted = step(&owner, &first, "accept", json!({})).await;
    let rejected = step(&owner, &second, "reject", json!({ "reason": "closed" })).await;

    assert_eq!((accepted, rejected), (200, 200));
}

/// coopcycle/coopcycle-web#2632.
async fn a_closure_within_opening_hours_takes_no_orders(fixture: Fixture) {
    let (diner, mut kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let closure =
        CatalogClosure { from: fixture.context.now(), until: fixture.context.now() + Duration::from_secs(3_600) };
    fixture.change(&mut kitchen, |catalog| catalog.closures = vec![closure]).await;
    a_while_later(&fixture);

    let closed = diner.post("/carts/checkout", six_ayran(&kitchen)).await;
    fixture.clock.advance(Duration::from_secs(3_600));
    let behind = diner.post("/carts/checkout", six_ayran(&kitchen)).await;

    assert_eq!((closed.status, closed.code(), behind.status), (409, "RESTAURANT_CLOSED".to_owned(), 200));
    assert_eq!(closed.json()["next_opening"], "2026-03-02T13:00:00Z");
}

/// TastyIgniter/TastyIgniter#732.
async fn a_second_order_beyond_the_cap_is_refused_also_of_the_same_diner(fixture: Fixture) {
    let (diner, mut kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(1)).await;
    a_while_later(&fixture);

    order(&diner, six_ayran(&kitchen)).await;
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 7 }]);
    let second = refused(&diner, json!({ "payment_method": "cash", "items": items })).await;

    assert_eq!(second, (409, "SLOT_FULL".to_owned()));
    assert_eq!(only(&diner).await["lines"][0]["quantity"], 6);
}

/// TastyIgniter/TastyIgniter#716.
async fn a_free_slot_delays_no_order(fixture: Fixture) {
    let (mut capped, free) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    fixture.change(&mut capped, |catalog| catalog.terms.slot_capacity = Some(2)).await;
    a_while_later(&fixture);

    let with_cap = order(&fixture.ayse(), six_ayran(&capped)).await;
    let without = order(&fixture.ayse(), six_ayran(&free)).await;

    assert_eq!(with_cap["target_at"], "2026-03-02T12:25:02Z");
    assert_eq!(with_cap["target_at"], without["target_at"]);
}

/// enatega/food-delivery-multivendor#691.
async fn below_the_minimum_nothing_is_ordered_and_what_is_missing_is_said(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 2 }]);

    let asked = json!({ "payment_method": "cash", "items": items, "min_order": 0 });
    let answer = diner.post("/carts/checkout", asked).await;

    assert_eq!((answer.status, answer.code()), (422, "MIN_ORDER".to_owned()));
    assert_eq!(answer.json()["missing"], 129);
    assert_eq!(diner.get("/carts/orders").await.json(), json!([]));
}

/// openfoodfoundation/openfoodnetwork#7922: what was ordered stands, and the restaurant that can't cook it turns it down.
async fn what_is_sold_out_while_a_card_is_confirmed_is_let_go_of(fixture: Fixture) {
    let (diner, mut kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let asked = pay(&diner, &kitchen, "3ds_ok").await.json();
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).is_available = false).await;
    a_while_later(&fixture);
    let page = format!("{}/return", asked["payment"]["redirect_url"].as_str().unwrap());
    fixture.client().send(Ask::post(&page, json!({}))).await;
    let paid = read(&diner, &asked).await;

    let rejected = step(&owner, &asked, "reject", json!({ "reason": "sold_out" })).await;
    later(&fixture, 1).await;

    assert_eq!((status(&paid), rejected), (("placed", "authorised"), 200));
    let (after, found) = (read(&diner, &asked).await, fixture.provider(&asked).await);
    assert_eq!((status(&after), found.state), (("rejected", "released"), FoundState::Voided));
    assert_eq!(found.captured, Money::ZERO);
    fixture.balance(&asked).await;
}

/// PrestaShop/PrestaShop#42281, django-oscar/django-oscar#2463.
async fn a_coupon_worth_more_than_the_basket_takes_all_of_it_and_no_more(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let large = json!({ "code": "COK", "kind": "amount", "value": 50_000 });
    give_off(&fixture, 1, vec![campaign(&fixture, large)]).await;
    let by = |fulfilment: &str| {
        kit::testing::changed(six_ayran(&kitchen), json!({ "coupon_code": "cok", "fulfilment": fulfilment }))
    };

    let brought = order(&diner, by("delivery")).await;
    let fetched = order(&diner, by("pickup")).await;

    let sums = |order: &Value| [order["discount"].clone(), order["total"].clone(), order["vat"].clone()];
    assert_eq!(sums(&brought), [json!(213), json!(9.9), json!(0.9)]);
    assert_eq!(sums(&fetched), [json!(213), json!(0), json!(0)]);
}

/// woocommerce/woocommerce#20928: the provider is asked before its time is over.
async fn whoever_has_paid_at_the_last_moment_has_ordered(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let asked = pay(&diner, &kitchen, "slow_ok").await.json();

    fixture.clock.advance(Duration::from_secs(10 * 60));
    actions::expire_unpaid(&fixture.carts).await.unwrap();

    let after = read(&diner, &asked).await;
    assert_eq!((status(&asked), status(&after)), (("awaiting_payment", "processing"), ("placed", "authorised")));
    later(&fixture, 60).await;
    fixture.balance(&asked).await;
}

/// dunglas/mercure#704, symfony/mercure#121: nobody has to touch it.
async fn a_tablet_that_was_left_alone_comes_back_to_another_process_after_a_deploy(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let board = format!("/carts/restaurants/{}/live", kitchen.id);
    let first = order(&diner, six_ayran(&kitchen)).await;
    let seen = owner.open(Ask::get(&board)).await.unwrap().next_named("snapshot").await;

    // That process is gone, and what is ordered meanwhile is shown by another one.
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 7 }]);
    let second = order(&diner, json!({ "payment_method": "cash", "items": items })).await;
    let deployed = fixture.another_process().await;
    let tasks = RunningTasks::start(crate::showing(&deployed.carts).into());
    let tablet = deployed.client().manager(kitchen.catalog.owner_id);
    let mut stream = tablet.open(Ask::get(&board).header("last-event-id", &seen.id)).await.unwrap();
    let missed = stream.next_named("snapshot").await;
    step(&tablet, &first, "accept", json!({})).await;
    let moved = stream.next_named("order").await;

    let shown: Vec<_> = missed.data["orders"].as_array().unwrap().iter().map(|order| &order["public_id"]).collect();
    assert!(shown.len() == 2 && shown.contains(&&first["public_id"]) && shown.contains(&&second["public_id"]));
    assert_eq!((&moved.data["public_id"], &moved.data["status"]), (&first["public_id"], &json!("accepted")));
    tasks.stop().await;
}
