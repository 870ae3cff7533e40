//! Putting meals into a cart, changing them and taking them out.

use std::collections::BTreeMap;

use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    of_a_meal_that_is_gone_there_can_be_fewer_and_not_more,
    an_item_is_answered_byte_for_byte_as_by_the_first_platform_with_ours_behind,
    a_quantity_is_in_all_and_not_in_addition,
    a_line_keeps_what_is_not_sent_and_loses_what_is_null,
    what_is_not_there_is_out_already_and_can_t_be_changed,
    a_cart_that_is_cleared_is_empty_and_counts_on,
    each_change_of_a_cart_raises_its_version_and_nothing_else_does,
    a_cart_holds_fifty_lines,
    adds_that_meet_on_one_cart_are_all_there,
    a_version_names_one_content,
    meals_of_a_restaurant_that_is_not_known_yet_are_taken,
}

async fn an_item_is_answered_byte_for_byte_as_by_the_first_platform_with_ours_behind(fixture: Fixture) {
    let (user, kitchen) = (fixture.new_user(), fixture.kitchen("Çıpa").await);
    let ayse = fixture.client().user(user);
    let body = json!({ "user_id": user, "note": null, "schedule_date": "2026-03-02T18:00:00+03:00" });

    let added = ayse.post("/carts/add", kitchen.two_ayran(body)).await;
    let listed = ayse.get("/carts/get").await;

    let (restaurant, meal) = (kitchen.id, kitchen.ayran);
    let item = format!(
        r#"{{"id":1,"user_id":"{user}","restaurant_id":"{restaurant}","meal_id":"{meal}","quantity":2,"note":"","schedule_date":"2026-03-02T15:00:00Z","created_at":"2026-03-02T12:00:00.000000","line_id":"{meal}","options":[]}}"#
    );
    assert_eq!((added.status, &added.text), (200, &item));
    assert_eq!((listed.status, listed.text), (200, format!("[{item}]")));
    assert_eq!(fixture.ayse().get("/carts/get").await.text, "[]");
}

async fn a_quantity_is_in_all_and_not_in_addition(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    for quantity in [1, 2, 3, 3] {
        ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": quantity }))).await;
    }

    let items = ayse.get("/carts/get").await.json();
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    assert_eq!(items[0]["quantity"], 3);
    let one = json!({ "restaurant_id": kitchen.id, "meal_id": kitchen.ayran });
    assert_eq!(ayse.post("/carts/add", one).await.json()["quantity"], 1, "1 when left out");
}

async fn a_line_keeps_what_is_not_sent_and_loses_what_is_null(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let update = format!("/carts/update/{}", kitchen.ayran);
    let first = json!({ "note": "soğuk olsun", "schedule_date": "2026-03-02T18:00:00Z" });
    ayse.post("/carts/add", kitchen.two_ayran(first)).await;

    let again = ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.json();
    let patched = ayse.patch(&update, json!({ "meal_id": kitchen.ayran, "quantity": 5 })).await.json();
    let cleared = ayse.patch(&update, json!({ "note": null, "schedule_date": null, "quantity": null })).await.json();

    let said = |item: &Value| (item["quantity"].clone(), item["note"].clone(), item["schedule_date"].clone());
    let at = json!("2026-03-02T18:00:00Z");
    assert_eq!(said(&again), (json!(2), json!("soğuk olsun"), at.clone()));
    assert_eq!(said(&patched), (json!(5), json!("soğuk olsun"), at));
    assert_eq!(said(&cleared), (json!(5), json!(""), Value::Null));
}

async fn what_is_not_there_is_out_already_and_can_t_be_changed(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;

    for name in [&kitchen.adana.to_string(), "not-an-id"] {
        let removed = ayse.delete(&format!("/carts/remove/{name}")).await;
        let (status, problem) = ayse.patch(&format!("/carts/update/{name}"), json!({ "quantity": 2 })).await.parts();

        assert_eq!((removed.status, removed.text.as_str()), (200, r#"{"message":"Item removed from cart"}"#));
        assert_eq!((status, &problem["code"]), (404, &json!("ITEM_NOT_FOUND")));
    }
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 1);
    let removed = ayse.delete(&format!("/carts/remove/{}", kitchen.ayran)).await;
    assert_eq!((removed.status, removed.text.as_str()), (200, r#"{"message":"Item removed from cart"}"#));
    assert_eq!(ayse.get("/carts/get").await.text, "[]");
}

async fn a_cart_that_is_cleared_is_empty_and_counts_on(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;

    let cleared = ayse.delete("/carts/clear").await;
    let version = ayse.get("/carts/current").await.json()["version"].clone();
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;

    assert_eq!((cleared.status, cleared.text.as_str()), (200, r#"{"message":"Cart cleared"}"#));
    let cart = ayse.get("/carts/current").await.json();
    assert_eq!((version, &cart["version"], &cart["item_count"]), (json!(2), &json!(3), &json!(2)));
}

async fn each_change_of_a_cart_raises_its_version_and_nothing_else_does(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let version = async || ayse.get("/carts/current").await.json()["version"].as_i64().unwrap();
    let update = format!("/carts/update/{}", kitchen.ayran);
    let mut versions = vec![version().await];

    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    versions.push(version().await);
    ayse.patch(&update, json!({ "quantity": 4 })).await;
    versions.push(version().await);
    ayse.patch(&update, json!({ "quantity": 4 })).await;
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 4 }))).await;
    ayse.delete(&format!("/carts/remove/{}", kitchen.adana)).await;
    ayse.get("/carts/get").await;
    versions.push(version().await);
    ayse.delete(&format!("/carts/remove/{}", kitchen.ayran)).await;
    versions.push(version().await);
    ayse.delete("/carts/clear").await;
    versions.push(version().await);

    assert_eq!(versions, [0, 1, 2, 2, 3, 3]);
}

async fn a_cart_holds_fifty_lines(fixture: Fixture) {
    let ayse = fixture.ayse();
    let restaurant = fixture.new_user();
    let meal = || json!({ "restaurant_id": restaurant, "meal_id": fixture.new_user() });
    let first = meal();
    ayse.post("/carts/add", first.clone()).await;
    for _ in 1..50 {
        assert_eq!(ayse.post("/carts/add", meal()).await.status, 200);
    }

    let (status, problem) = ayse.post("/carts/add", meal()).await.parts();
    let again = ayse.post("/carts/add", first).await.status;

    assert_eq!((status, &problem["code"], &problem["max"]), (422, &json!("TOO_MANY_LINES"), &json!(50)));
    assert_eq!(again, 200, "a line that is there can be changed");
    assert_eq!(ayse.get("/carts/get").await.json().as_array().unwrap().len(), 50);
}

async fn adds_that_meet_on_one_cart_are_all_there(fixture: Fixture) {
    let (user, restaurant) = (fixture.new_user(), fixture.new_user());
    let replica = fixture.another_process().await;
    let clients = [fixture.client().user(user), replica.client().user(user)];
    let meals: Vec<_> = (0..10).map(|_| fixture.new_user()).collect();

    let adds = meals.iter().flat_map(|meal| clients.iter().map(move |client| (client, meal)));
    let adds = adds.map(|(client, meal)| {
        client.post("/carts/add", json!({ "restaurant_id": restaurant, "meal_id": meal, "quantity": 7 }))
    });
    let answers = futures_util::future::join_all(adds).await;

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let cart = clients[0].get("/carts/current").await.json();
    let of_ten_changes = (&json!(70), &json!(10));
    assert_eq!((&cart["item_count"], &cart["version"]), of_ten_changes, "the second of two says what stands there");
}

async fn meals_of_a_restaurant_that_is_not_known_yet_are_taken(fixture: Fixture) {
    let ayse = fixture.ayse();
    let kitchen = crate::fixture::Kitchen::new(&fixture, "Çıpa");

    let added = ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.status;
    let before = ayse.get("/carts/current").await.json();
    fixture.hear(kitchen.event()).await.unwrap();
    let after = ayse.get("/carts/current").await.json();

    assert_eq!((added, &before["items"][0]["reason"]), (200, &json!("UNKNOWN_MEAL")));
    assert_eq!((&before["restaurant"]["id"], &before["restaurant"]["name"]), (&json!(kitchen.id), &Value::Null));
    assert_eq!((&after["items"][0]["available"], &after["subtotal"]), (&json!(true), &json!(71)));
}

async fn a_version_names_one_content(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 1 }))).await;
    let write = async {
        for round in 0..60 {
            ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 1 + round % 2 }))).await;
        }
    };
    let read = async || {
        let mut seen = Vec::new();
        for _ in 0..120 {
            let cart = ayse.get("/carts/current").await.json();
            seen.push((cart["version"].as_i64().unwrap(), cart["items"][0]["quantity"].as_i64().unwrap()));
        }
        seen
    };

    let ((), one, two) = tokio::join!(write, read(), read());

    let mut contents = BTreeMap::new();
    for (version, quantity) in one.into_iter().chain(two) {
        assert_eq!(*contents.entry(version).or_insert(quantity), quantity, "version {version}");
    }
}

async fn of_a_meal_that_is_gone_there_can_be_fewer_and_not_more(fixture: Fixture) {
    let (ayse, mut kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    let ayran = kitchen.ayran;
    fixture.change(&mut kitchen, |catalog| catalog.menu.meals.retain(|meal| meal.id != ayran)).await;

    let more = ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 3 }))).await;
    let fewer = ayse.post("/carts/add", kitchen.two_ayran(json!({ "quantity": 1 }))).await;

    assert_eq!((more.status, more.code().as_str()), (422, "UNKNOWN_MEAL"), "{}", more.text);
    assert_eq!((fewer.status, &fewer.json()["quantity"]), (200, &json!(1)), "{}", fewer.text);
}
