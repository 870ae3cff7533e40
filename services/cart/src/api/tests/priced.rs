//! What a cart costs, and what it says of each line.

use std::time::Duration;

use contracts::{CatalogClosure, MealtimeId, Money};
use kit::on_every_database;
use kit::testing::Client;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Kitchen, meal};

on_every_database! {
    Fixture:
    an_empty_cart_costs_nothing,
    a_cart_says_what_each_line_costs_and_all_together,
    a_cart_says_of_each_line_what_has_become_of_it,
    what_is_sold_out_until_a_time_is_there_from_then_on,
    what_is_wanted_for_a_time_that_is_over_is_wanted_now,
    a_restaurant_says_when_it_opens_and_that_it_takes_a_break,
    a_restaurant_takes_no_order_right_before_it_closes,
    another_process_hears_of_a_change_within_a_second,
    a_cart_says_for_how_long_changes_may_be_unknown_here,
    money_has_two_decimals_at_most,
}

async fn cart(client: &Client) -> Value {
    let (status, cart) = client.get("/carts/current").await.parts();
    assert_eq!(status, 200, "{cart}");
    cart
}

/// Two ayran, and a hot adana with cheese.
async fn filled(fixture: &Fixture) -> (Client, Kitchen) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let options = json!([{ "option_id": kitchen.hot }, { "option_id": kitchen.cheese }]);
    ayse.post("/carts/add", kitchen.adana_with(&options)).await;
    (ayse, kitchen)
}

async fn an_empty_cart_costs_nothing(fixture: Fixture) {
    let user = fixture.new_user();

    let empty = cart(&fixture.client().user(user)).await;

    assert_eq!(
        empty,
        json!({
            "user_id": user, "restaurant_id": null, "items": [], "item_count": 0, "updated_at": null, "restaurant": null,
            "subtotal": 0, "delivery_fee": null, "min_order": null, "missing_for_min_order": null, "total": 0,
            "currency": "TRY", "unavailable_count": 0, "catalog_age_s": null, "version": 0,
        })
    );
}

async fn a_cart_says_what_each_line_costs_and_all_together(fixture: Fixture) {
    let (ayse, kitchen) = filled(&fixture).await;

    let full = cart(&ayse).await;

    let prices: Vec<_> = full["items"].as_array().unwrap().iter().map(price_of).collect();
    assert_eq!(prices, [json!(["Ayran", 35.5, 71, true, null]), json!(["Adana Kebap", 250.6, 250.6, true, null]),]);
    let restaurant = json!({ "id": kitchen.id, "name": "Çıpa", "open": true, "accepts_orders": true, "opens_at": null, "orders_paused": false });
    assert_eq!(full["restaurant"], restaurant);
    let sums = ["item_count", "subtotal", "delivery_fee", "min_order", "missing_for_min_order", "total"];
    assert_eq!(sums.map(|sum| full[sum].clone()), [3.0, 321.6, 9.9, 200.0, 0.0, 331.5].map(whole));
    assert_eq!((&full["currency"], &full["version"]), (&json!("TRY"), &json!(2)));
    assert_eq!(full["updated_at"], "2026-03-02T12:00:00.000000");
}

fn price_of(item: &Value) -> Value {
    json!([item["name"], item["unit_price"], item["line_total"], item["available"], item["reason"]])
}

/// As it is written: whole numbers without decimals.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}

async fn a_cart_says_of_each_line_what_has_become_of_it(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    let (ayran, adana) = (kitchen.ayran, kitchen.adana);
    let shown = async || {
        let cart = cart(&ayse).await;
        let line = price_of(&cart["items"][0]);
        json!([line, cart["item_count"], cart["subtotal"], cart["total"], cart["unavailable_count"]])
    };
    let gone = |name: &str, reason: &str| json!([[name, null, null, false, reason], 3, 250.6, 260.5, 1]);

    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).is_available = false).await;
    assert_eq!(shown().await, gone("Ayran", "SOLD_OUT"));
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).is_available = true).await;
    fixture
        .change(&mut kitchen, |catalog| {
            meal(catalog, ayran).price_kurus = Money::from_kurus(4_000).unwrap();
            meal(catalog, ayran).name = "Köpüklü ayran".to_owned();
        })
        .await;
    assert_eq!(shown().await, json!([["Köpüklü ayran", 40, 80, true, null], 3, 330.6, 340.5, 0]));
    let taken = kitchen.catalog.menu.meals.clone();
    fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;
    assert_eq!(shown().await, gone("Köpüklü ayran", "REMOVED"));
    fixture.change(&mut kitchen, |catalog| catalog.menu.meals = taken).await;
    assert_eq!(shown().await[0][3], true, "it is back");
    fixture.change(&mut kitchen, |catalog| catalog.menu.groups[0].options.clear()).await;
    assert_eq!(cart(&ayse).await["items"][1]["reason"], "SOLD_OUT", "nothing can be chosen of a group that must be");
    fixture.change(&mut kitchen, |catalog| meal(catalog, adana).group_ids.clear()).await;
    assert_eq!(cart(&ayse).await["items"][1]["reason"], "OPTIONS_INVALID");

    for hidden in [true, false] {
        match hidden {
            true => fixture.change(&mut kitchen, |catalog| catalog.visible = false).await,
            false => fixture.hear(kitchen.deletion()).await.unwrap(),
        }
        let cart = cart(&ayse).await;
        let lines: Vec<_> = cart["items"].as_array().unwrap().iter().map(price_of).collect();
        assert_eq!(lines[1][4], "RESTAURANT_GONE");
        assert_eq!((lines.len(), &cart["unavailable_count"], &cart["total"]), (2, &json!(2), &json!(0)));
        assert_eq!((&cart["restaurant"]["name"], &cart["restaurant"]["open"]), (&json!("Çıpa"), &json!(false)));
        assert_eq!(cart["delivery_fee"], Value::Null);
        let names: Vec<_> = lines.iter().map(|line| line[0].clone()).collect();
        assert_eq!(names, ["Köpüklü ayran", "Adana Kebap"], "what was there is still called so");
    }
    assert_eq!(ayse.delete(&format!("/carts/remove/{ayran}")).await.status, 200);
    assert_eq!(cart(&ayse).await["items"].as_array().unwrap().len(), 1);
}

async fn what_is_sold_out_until_a_time_is_there_from_then_on(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    let (ayran, until) = (kitchen.ayran, fixture.context.now() + Duration::from_secs(60));
    fixture
        .change(&mut kitchen, |catalog| {
            meal(catalog, ayran).is_available = false;
            meal(catalog, ayran).sold_out_until = Some(until);
        })
        .await;

    let before = cart(&ayse).await["items"][0]["reason"].clone();
    fixture.clock.advance(Duration::from_secs(60));
    let after = cart(&ayse).await["items"][0]["reason"].clone();

    assert_eq!((before, after), (json!("SOLD_OUT"), Value::Null));
}

async fn what_is_wanted_for_a_time_that_is_over_is_wanted_now(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let ayran = kitchen.ayran;
    let breakfast = MealtimeId(fixture.context.sources.uuid());
    let every_day = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours: serde_json::Map<_, _> =
        every_day.map(|day| (day.to_owned(), json!("06:00-10:00"))).into_iter().collect();
    let times = json!([{ "id": breakfast, "name": "Kahvaltı", "hours": hours }]);
    fixture
        .change(&mut kitchen, |catalog| {
            catalog.menu.mealtimes = serde_json::from_value(times).unwrap();
            meal(catalog, ayran).mealtime_id = Some(breakfast);
        })
        .await;
    let mut reasons = Vec::new();

    // It is three in the afternoon in Istanbul.
    for due in [Value::Null, json!("2026-03-02T05:00:00Z"), json!("2026-03-03T05:00:00Z")] {
        ayse.post("/carts/add", kitchen.two_ayran(json!({ "schedule_date": due }))).await;
        reasons.push(cart(&ayse).await["items"][0]["reason"].clone());
    }

    assert_eq!(reasons, [json!("MEALTIME_OVER"), json!("MEALTIME_OVER"), Value::Null]);
}

async fn a_restaurant_takes_no_order_right_before_it_closes(fixture: Fixture) {
    let (ayse, _) = filled(&fixture).await;
    // Half past ten in the evening, half an hour before it closes.
    fixture.clock.advance(Duration::from_secs(7 * 60 * 60 + 30 * 60));

    let now = cart(&ayse).await["restaurant"].clone();

    assert_eq!((&now["open"], &now["accepts_orders"]), (&json!(true), &json!(false)));
}

async fn a_restaurant_says_when_it_opens_and_that_it_takes_a_break(fixture: Fixture) {
    let (ayse, mut kitchen) = filled(&fixture).await;
    let restaurant = async || {
        let now = cart(&ayse).await["restaurant"].clone();
        json!([now["open"], now["opens_at"], now["orders_paused"]])
    };

    let until = fixture.context.now() + Duration::from_secs(600);
    fixture.change(&mut kitchen, |catalog| catalog.paused_until = Some(until)).await;
    let paused = restaurant().await;
    let from = fixture.context.now();
    let closure = CatalogClosure { from, until: from + Duration::from_secs(60 * 60) };
    fixture.change(&mut kitchen, |catalog| catalog.closures = vec![closure]).await;
    let closed = restaurant().await;
    fixture.change(&mut kitchen, |catalog| catalog.closures.clear()).await;
    fixture.clock.advance(Duration::from_secs(12 * 60 * 60));
    let night = restaurant().await;

    assert_eq!(paused, json!([false, "2026-03-02T12:10:00Z", true]));
    assert_eq!(closed[2], false, "it takes no break while it is closed");
    assert_eq!(night, json!([false, "2026-03-09T08:00:00Z", false]));
}

async fn another_process_hears_of_a_change_within_a_second(fixture: Fixture) {
    let user = fixture.new_user();
    let replica = fixture.another_process().await;
    let (ayse, there) = (fixture.client().user(user), replica.client().user(user));
    let mut kitchen = fixture.kitchen("Çıpa").await;
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    assert_eq!(cart(&there).await["subtotal"], 71);

    let ayran = kitchen.ayran;
    let price = Money::from_kurus(4_000).unwrap();
    fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).price_kurus = price).await;
    let here = cart(&ayse).await["subtotal"].clone();
    replica.clock.advance(Duration::from_secs(1));

    assert_eq!((here, &cart(&there).await["subtotal"]), (json!(80), &json!(80)));
}

async fn a_cart_says_for_how_long_changes_may_be_unknown_here(fixture: Fixture) {
    let (ayse, _) = filled(&fixture).await;
    let untold = cart(&ayse).await["catalog_age_s"].clone();

    fixture.carts.catalogs_heard_until.set(fixture.context.now());
    let fresh = cart(&ayse).await["catalog_age_s"].clone();
    fixture.clock.advance(Duration::from_millis(90_900));
    let late = cart(&ayse).await["catalog_age_s"].clone();

    assert_eq!([untold, fresh, late], [Value::Null, json!(0), json!(90)]);
}

async fn money_has_two_decimals_at_most(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let ayran = kitchen.ayran;
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 3 }))).await;

    for (kurus, total) in [(10, "0.3"), (1_995, "59.85"), (3_333, "99.99"), (5_000, "150")] {
        let price = Money::from_kurus(kurus).unwrap();
        fixture.change(&mut kitchen, |catalog| meal(catalog, ayran).price_kurus = price).await;
        let text = ayse.get("/carts/current").await.text;
        assert!(text.contains(&format!(r#""subtotal":{total},"#)), "{text}");
    }
}
