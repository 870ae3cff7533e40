//! What orders are given off: coupons and campaigns that hold by themselves, as often as they are for.

use std::time::Duration;

use contracts::{CampaignId, CatalogCampaign, CatalogChanged, Money, RestaurantId};
use futures_util::{StreamExt, stream};
use kit::on_every_database;
use kit::testing::{Client, changed};
use serde_json::{Value, json};

use super::check_out_at_last;
use crate::fixture::{Fixture, Kitchen};

on_every_database! {
    Fixture:
    a_coupon_of_the_platform_holds_at_each_restaurant,
    a_code_is_the_same_by_whatever_keyboard,
    a_coupon_that_does_not_hold_says_why,
    a_diner_uses_a_coupon_as_often_as_one_may_and_gets_it_back,
    what_holds_by_itself_is_taken_where_it_gives_more_off,
    free_delivery_takes_the_way_off,
    as_many_orders_are_given_off_as_a_coupon_is_for,
}

/// So many wait for the database together without one that waits too long.
const AT_ONCE: usize = 50;

/// LEZZET10, as the demonstration has it, with changes.
pub(super) fn campaign(fixture: &Fixture, changes: Value) -> CatalogCampaign {
    let campaign = json!({
        "id": CampaignId(fixture.context.sources.uuid()), "code": "LEZZET10", "kind": "percent", "value": 1_000,
        "max_discount_kurus": null, "min_basket_kurus": 0, "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2026-12-31T00:00:00Z", "total_limit": null, "per_user_limit": null,
    });
    serde_json::from_value(changed(campaign, changes)).unwrap()
}

/// The platform gives off these, and nothing else.
pub(super) async fn give_off(fixture: &Fixture, version: i64, campaigns: Vec<CatalogCampaign>) {
    let changed_at = fixture.context.now();
    let restaurant_id = RestaurantId::PLATFORM;
    fixture.hear(CatalogChanged { restaurant_id, version, catalog: None, campaigns, changed_at }).await.unwrap();
}

fn six_ayran(kitchen: &Kitchen, coupon: &str) -> Value {
    let items = json!([{ "meal_id": kitchen.ayran, "quantity": 6 }]);
    json!({ "payment_method": "cash", "items": items, "coupon_code": coupon })
}

async fn refusal(diner: &Client, body: Value) -> String {
    let answer = diner.post("/carts/checkout", body).await;
    format!("{} {}", answer.status, answer.code())
}

async fn a_coupon_of_the_platform_holds_at_each_restaurant(fixture: Fixture) {
    give_off(&fixture, 1, vec![campaign(&fixture, json!({}))]).await;
    for name in ["Çıpa", "Liman"] {
        let kitchen = fixture.kitchen(name).await;
        for typed in ["LEZZET10", " lezzet10 ", "Lezzet10"] {
            let placed = fixture.ayse().post("/carts/checkout", six_ayran(&kitchen, typed)).await.json();

            let sums = [&placed["subtotal"], &placed["discount"], &placed["total"], &placed["coupon_code"]];
            assert_eq!(sums, [&json!(213), &json!(21.3), &json!(201.6), &json!("LEZZET10")], "{typed}");
        }
    }
}

async fn a_code_is_the_same_by_whatever_keyboard(fixture: Fixture) {
    give_off(&fixture, 1, vec![campaign(&fixture, json!({ "code": contracts::fold_coupon_code("lıman10") }))]).await;
    let kitchen = fixture.kitchen("Çıpa").await;
    for typed in ["LIMAN10", "lıman10", "LİMAN10", " liman10\n"] {
        let placed = fixture.ayse().post("/carts/checkout", six_ayran(&kitchen, typed)).await.json();

        assert_eq!((&placed["discount"], &placed["coupon_code"]), (&json!(21.3), &json!("LIMAN10")), "{typed}");
    }
}

async fn a_coupon_that_does_not_hold_says_why(fixture: Fixture) {
    let (mut kitchen, liman) = (fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    kitchen.campaigns = vec![
        campaign(&fixture, json!({ "code": "YARIN", "starts_at": "2026-03-03T00:00:00Z" })),
        campaign(&fixture, json!({ "code": "DUN", "ends_at": "2026-03-02T00:00:00Z" })),
        campaign(&fixture, json!({ "code": "COK", "min_basket_kurus": 21_301 })),
        campaign(&fixture, json!({ "code": "YETER", "min_basket_kurus": 21_300 })),
        campaign(&fixture, json!({ "code": "BITTI", "total_limit": 0 })),
    ];
    fixture.change(&mut kitchen, |_| {}).await;
    let ayse = fixture.ayse();

    let mut refusals = Vec::new();
    for code in ["YARIN", "DUN", "COK", "BITTI", "HICYOK"] {
        refusals.push(refusal(&ayse, six_ayran(&kitchen, code)).await);
    }
    let elsewhere = refusal(&ayse, six_ayran(&liman, "YETER")).await;
    let enough = ayse.post("/carts/checkout", six_ayran(&kitchen, "YETER")).await.json();
    kitchen.campaigns.clear();
    fixture.change(&mut kitchen, |_| {}).await;
    let withdrawn = refusal(&fixture.ayse(), six_ayran(&kitchen, "YETER")).await;

    let expected = ["COUPON_NOT_STARTED", "COUPON_EXPIRED", "COUPON_MIN_BASKET", "COUPON_USED_UP", "COUPON_UNKNOWN"];
    assert_eq!(refusals, expected.map(|code| format!("400 {code}")));
    assert_eq!((elsewhere.as_str(), &enough["discount"]), ("400 COUPON_OTHER_RESTAURANT", &json!(21.3)));
    assert_eq!(withdrawn, "400 COUPON_UNKNOWN");
    assert_eq!(ayse.get("/carts/orders").await.json().as_array().unwrap().len(), 1);
}

async fn a_diner_uses_a_coupon_as_often_as_one_may_and_gets_it_back(fixture: Fixture) {
    give_off(&fixture, 1, vec![campaign(&fixture, json!({ "per_user_limit": 1, "total_limit": 1 }))]).await;
    let (kitchen, ayse, ali) = (fixture.kitchen("Çıpa").await, fixture.ayse(), fixture.ayse());
    let placed = ayse.post("/carts/checkout", six_ayran(&kitchen, "LEZZET10")).await.json();
    // Sooner it would be the same order.
    fixture.clock.advance(Duration::from_secs(5 * 60));

    let again = refusal(&ayse, six_ayran(&kitchen, "LEZZET10")).await;
    let other = refusal(&ali, six_ayran(&kitchen, "LEZZET10")).await;
    ayse.post(&format!("/carts/orders/{}/cancel", placed["public_id"].as_str().unwrap()), json!({})).await;
    let given_back = ayse.post("/carts/checkout", six_ayran(&kitchen, "LEZZET10")).await.json();

    assert_eq!((again.as_str(), other.as_str()), ("400 COUPON_USED", "400 COUPON_USED_UP"));
    assert_eq!(given_back["discount"], json!(21.3));
}

async fn what_holds_by_itself_is_taken_where_it_gives_more_off(fixture: Fixture) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    kitchen.campaigns = vec![
        campaign(&fixture, json!({ "code": null, "value": 500 })),
        campaign(&fixture, json!({ "code": null, "kind": "amount", "value": 2_000, "max_discount_kurus": null })),
        campaign(&fixture, json!({ "code": "BES", "value": 500 })),
        campaign(&fixture, json!({ "code": "YIRMI", "value": 2_000, "max_discount_kurus": 3_000 })),
    ];
    fixture.change(&mut kitchen, |_| {}).await;
    let mut given = Vec::new();
    for coupon in [json!(null), json!("BES"), json!("YIRMI")] {
        let body = changed(six_ayran(&kitchen, ""), json!({ "coupon_code": coupon }));
        given.push(fixture.ayse().post("/carts/checkout", body).await.json()["discount"].clone());
    }

    assert_eq!(given, [json!(20), json!(20), json!(30)]);
}

async fn free_delivery_takes_the_way_off(fixture: Fixture) {
    let way = json!({ "code": "YOLBIZDEN", "kind": "free_delivery", "value": null, "max_discount_kurus": null });
    give_off(&fixture, 1, vec![campaign(&fixture, way)]).await;
    let mut kitchen = fixture.kitchen("Çıpa").await;

    let by_coupon = fixture.ayse().post("/carts/checkout", six_ayran(&kitchen, "yolbizden")).await.json();
    let pickup = changed(six_ayran(&kitchen, ""), json!({ "fulfilment": "pickup", "coupon_code": null }));
    let fetched = fixture.ayse().post("/carts/checkout", pickup).await.json();
    fixture.change(&mut kitchen, |catalog| catalog.terms.free_from_kurus = Money::from_kurus(21_300).ok()).await;
    fixture.clock.advance(Duration::from_secs(2));
    let enough = fixture.ayse().post("/carts/checkout", six_ayran(&kitchen, "")).await.json();

    for placed in [&by_coupon, &fetched, &enough] {
        assert_eq!((&placed["delivery_fee"], &placed["total"]), (&json!(0), &json!(213)), "{placed}");
    }
}

async fn as_many_orders_are_given_off_as_a_coupon_is_for(fixture: Fixture) {
    let (diners, coupons) = (1_000, 100_u16);
    give_off(&fixture, 1, vec![campaign(&fixture, json!({ "total_limit": coupons }))]).await;
    let mut kitchen = fixture.kitchen("Çıpa").await;
    fixture.change(&mut kitchen, |catalog| catalog.terms.slot_capacity = Some(coupons + 20)).await;
    fixture.clock.advance(Duration::from_secs(2));
    let there = fixture.another_process().await;
    let clients = (0..diners).map(|number| if number % 2 == 0 { fixture.ayse() } else { there.ayse() });
    let clients: Vec<Client> = clients.collect();

    let with_coupon = clients.iter().map(|diner| check_out_at_last(diner, six_ayran(&kitchen, "LEZZET10")));
    let answers: Vec<_> = stream::iter(with_coupon).buffer_unordered(AT_ONCE).collect().await;
    let placed = answers.iter().filter(|answer| answer.status == 200).count();
    let used_up = answers.iter().filter(|answer| answer.status == 400 && answer.code() == "COUPON_USED_UP").count();
    let without = clients.iter().rev().take(40).map(|diner| check_out_at_last(diner, six_ayran(&kitchen, "")));
    let without: Vec<_> = stream::iter(without).buffer_unordered(AT_ONCE).collect().await;
    let without = without.iter().filter(|answer| answer.status == 200).count();

    let coupons = usize::from(coupons);
    assert_eq!((placed, used_up), (coupons, diners - coupons));
    // What was refused has left the slot as it was.
    assert_eq!(without, 20);
}
