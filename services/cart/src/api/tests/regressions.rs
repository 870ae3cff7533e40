//! What other platforms got wrong in their carts, each with where it was reported. Those that stand elsewhere:
//!
//! | reported in | what has to hold | fact |
//! |---|---|---|
//! | vendurehq/vendure#3153 | with `replace` the guest's line stays | `merge::with_replace_the_guests_line_stays_where_the_same_meal_is_in_both_carts` |
//! | spree/spree#13727 | no id of an anonymous cart is logged | `anonymous::tests::secrets::the_id_of_a_cart_is_in_no_span_and_no_line_of_the_log` |
//!
//! What was reported of coupons, payments and orders stands in `order_regressions`; what was of mails is no matter of carts.

use contracts::{CatalogClosure, Money};
use kit::on_every_database;
use serde_json::json;

use super::merge::{anonymous, cart, choose, merge};
use crate::fixture::{Fixture, meal};

on_every_database! {
    Fixture:
    below_the_minimum_a_cart_is_filled_and_says_what_is_missing,
    the_same_meal_twice_is_one_line,
    a_cart_that_was_emptied_is_no_conflict,
    the_sum_of_a_cart_is_that_of_its_lines_whatever_they_cost,
    a_price_that_a_client_sends_is_ignored,
    a_fee_is_counted_once,
    a_large_cart_is_merged_whole,
    a_cart_does_not_grow_with_each_sign_in,
    a_cart_that_two_windows_merge_at_once_is_merged_once,
    a_closure_within_opening_hours_is_shown,
}

/// TastyIgniter/TastyIgniter#734, enatega/food-delivery-multivendor#691.
async fn below_the_minimum_a_cart_is_filled_and_says_what_is_missing(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let added = ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.status;

    let cart = ayse.get("/carts/current").await.json();
    assert_eq!((added, &cart["min_order"], &cart["missing_for_min_order"]), (200, &json!(200), &json!(129)));
}

/// enatega/food-delivery-multivendor#1433.
async fn the_same_meal_twice_is_one_line(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let ids = [
        ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.json()["id"].clone(),
        ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.json()["id"].clone(),
    ];

    assert_eq!(ids[0], ids[1]);
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 1);
}

/// enatega/food-delivery-multivendor#2060.
async fn a_cart_that_was_emptied_is_no_conflict(fixture: Fixture) {
    let ayse = fixture.ayse();
    let (cipa, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    ayse.post("/carts/add", cipa.two_ayran(json!({}))).await;
    ayse.delete(&format!("/carts/remove/{}", cipa.ayran)).await;

    assert_eq!(ayse.post("/carts/add", liman.two_ayran(json!({}))).await.status, 200);
}

/// frappe/erpnext#58042: no remainder is lost or found.
async fn the_sum_of_a_cart_is_that_of_its_lines_whatever_they_cost(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let (ayran, adana) = (kitchen.ayran, kitchen.adana);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 7 }))).await;
    let hot = json!([{ "option_id": kitchen.hot }, { "option_id": kitchen.cheese, "quantity": 2 }]);
    ayse.post("/carts/add", kitchen.adana_with(&hot)).await;

    for kurus in [1, 10, 33, 1_999, 6_667, 10_000_000] {
        let price = Money::from_kurus(kurus).unwrap();
        fixture
            .change(&mut kitchen, |catalog| {
                meal(catalog, ayran).price_kurus = price;
                meal(catalog, adana).price_kurus = price;
            })
            .await;
        let cart = ayse.get("/carts/current").await.json();

        let in_kurus = |value: &serde_json::Value| (value.as_f64().unwrap() * 100.0).round() as i64;
        assert_eq!(in_kurus(&cart["subtotal"]), 8 * kurus + 2_020);
        assert_eq!(in_kurus(&cart["total"]), 8 * kurus + 2_020 + 990);
    }
}

/// saleor/saleor#4162.
async fn a_price_that_a_client_sends_is_ignored(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let cheap = json!({ "unit_price": 0.01, "price": 0.01, "line_total": 0.02 });
    ayse.post("/carts/add", kitchen.two_ayran(cheap)).await;

    assert_eq!(ayse.get("/carts/current").await.json()["subtotal"], 71);
}

/// coopcycle/coopcycle-web#4128: however many lines there are.
async fn a_fee_is_counted_once(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    for sauce in [kitchen.hot, kitchen.mild] {
        ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": sauce }]))).await;
    }

    let cart = ayse.get("/carts/current").await.json();

    assert_eq!((&cart["subtotal"], &cart["delivery_fee"], &cart["total"]), (&json!(552), &json!(9.9), &json!(561.9)));
}

/// vendurehq/vendure#4481: a merge in six transactions left nothing of a cart of 65.
async fn a_large_cart_is_merged_whole(fixture: Fixture) {
    let (guest, ayse) = (fixture.client(), fixture.ayse());
    let restaurant = fixture.context.sources.uuid();
    let mut chosen = Vec::new();
    for number in 0..50 {
        let meal = fixture.context.sources.uuid();
        let quantity = 1 + number % 3;
        chosen.push((json!(meal), json!(quantity)));
        choose(&guest, json!({ "restaurant_id": restaurant, "meal_id": meal, "quantity": quantity })).await;
    }

    let merged = merge(&ayse, json!({})).await.json();

    assert_eq!((&merged["merged_items_count"], cart(&ayse).await), (&json!(50), chosen));
    assert_eq!(anonymous(&guest).await.status, 404);
}

/// EC-CUBE/ec-cube#4574: it doubled.
async fn a_cart_does_not_grow_with_each_sign_in(fixture: Fixture) {
    let (guest, user, kitchen) = (fixture.client(), fixture.new_user(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;

    for _ in 0..3 {
        let signed_in = guest.user(user);
        merge(&signed_in, json!({})).await;
        assert_eq!(cart(&signed_in).await, [(json!(kitchen.ayran), json!(2))]);
    }
}

/// SAP/spartacus#9599.
async fn a_cart_that_two_windows_merge_at_once_is_merged_once(fixture: Fixture) {
    let (guest, ayse, kitchen) = (fixture.client(), fixture.ayse(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;

    let (one, other) = tokio::join!(merge(&ayse, json!({})), merge(&ayse, json!({})));

    assert_eq!((one.status, other.status), (200, 200), "{} {}", one.text, other.text);
    assert_eq!(one.json(), other.json());
    assert_eq!(cart(&ayse).await, [(json!(kitchen.ayran), json!(2))]);
}

/// coopcycle/coopcycle-web#2632.
async fn a_closure_within_opening_hours_is_shown(fixture: Fixture) {
    let (guest, mut kitchen) = (fixture.client(), fixture.kitchen("Çıpa").await);
    choose(&guest, kitchen.two_ayran(json!({}))).await;
    let open = async || anonymous(&guest).await.json()["restaurant"]["open"].clone();
    let before = open().await;

    let from = fixture.context.now();
    let closure = CatalogClosure { from, until: from + std::time::Duration::from_secs(60 * 60) };
    fixture.change(&mut kitchen, |catalog| catalog.closures = vec![closure]).await;

    assert_eq!((before, open().await), (json!(true), json!(false)));
}
