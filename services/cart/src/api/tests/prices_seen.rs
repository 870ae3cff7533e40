//! Orders by somebody who was shown other prices.

use std::time::Duration;

use contracts::Money;
use kit::on_every_database;
use kit::testing::{Client, changed};
use serde_json::{Value, json};

use super::checkout::{order, refused};
use crate::fixture::{Fixture, Kitchen, meal};

on_every_database! {
    Fixture:
    whoever_was_shown_other_prices_is_shown_which_have_changed,
    what_costs_less_than_was_shown_is_ordered_for_less,
    a_price_that_is_none_is_refused,
}

/// Six ayran at 40.00, which were 35.50 before, and an adana at 240.50; whoever orders them was shown these prices.
async fn dearer(fixture: &Fixture) -> (Client, Kitchen) {
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).price_kurus = Money::from_kurus(4_000).unwrap()).await;
    fixture.clock.advance(Duration::from_secs(2));
    (fixture.ayse(), kitchen)
}

fn seen(kitchen: &Kitchen, [ayran, adana]: [Value; 2], changes: Value) -> Value {
    let items = json!([
        { "meal_id": kitchen.ayran, "quantity": 6, "unit_price": ayran },
        { "meal_id": kitchen.adana, "options": [{ "option_id": kitchen.hot }], "unit_price": adana },
    ]);
    changed(json!({ "payment_method": "cash", "items": items }), changes)
}

async fn whoever_was_shown_other_prices_is_shown_which_have_changed(fixture: Fixture) {
    let (ayse, kitchen) = dearer(&fixture).await;
    let before = [json!(35.5), json!(250)];

    let by_total =
        ayse.post("/carts/checkout", seen(&kitchen, before.clone(), json!({ "expected_total": 463.4 }))).await;
    let by_price = ayse.post("/carts/checkout", seen(&kitchen, before, json!({}))).await;
    let total_alone = seen(&kitchen, [Value::Null, Value::Null], json!({ "expected_total": 463.4 }));
    let total_alone = ayse.post("/carts/checkout", total_alone).await;

    let changed = json!([
        { "meal_id": kitchen.ayran, "was": 35.5, "is": 40 },
        { "meal_id": kitchen.adana, "was": 250, "is": 240.5 },
    ]);
    for (refusal, lines) in [(&by_total, &changed), (&by_price, &changed), (&total_alone, &json!([]))] {
        assert_eq!((refusal.status, refusal.code()), (409, "PRICE_CHANGED".to_owned()), "{}", refusal.text);
        assert_eq!((&refusal.json()["lines"], &refusal.json()["total"]), (lines, &json!(490.4)));
    }
    assert_eq!(ayse.get("/carts/orders").await.json(), json!([]));
}

async fn what_costs_less_than_was_shown_is_ordered_for_less(fixture: Fixture) {
    let (ayse, kitchen) = dearer(&fixture).await;

    let as_shown = order(&ayse, seen(&kitchen, [json!(40), json!(240.5)], json!({}))).await;
    let for_less = order(&ayse, seen(&kitchen, [json!(41), json!(250)], json!({}))).await;
    // What it costs in all counts where that was shown.
    let in_all = order(&ayse, seen(&kitchen, [json!(35.5), json!(270)], json!({ "expected_total": 490.4 }))).await;

    for placed in [as_shown, for_less, in_all] {
        assert_eq!(placed["total"], json!(490.4));
    }
}

async fn a_price_that_is_none_is_refused(fixture: Fixture) {
    let (ayse, kitchen) = dearer(&fixture).await;

    let wrong = ayse.post("/carts/checkout", seen(&kitchen, [json!(-1), json!("much")], json!({}))).await.json();
    let none = refused(&ayse, seen(&kitchen, [Value::Null, Value::Null], json!({}))).await;

    let named: Vec<&str> = kit::testing::faults(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(named, ["items[0].unit_price", "items[1].unit_price"]);
    assert_eq!(none.0, 200);
}
