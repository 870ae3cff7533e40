//! The ephemeral store is away.

use database::{Connection, WriteTransaction};

use super::*;

on_every_database! {
    Fixture:
    a_cart_that_cannot_be_reached_is_never_absent_and_never_written,
    a_change_that_has_happened_is_answered_also_without_prices,
    the_carts_of_users_go_on_meanwhile,
}

async fn a_cart_that_cannot_be_reached_is_never_absent_and_never_written(fixture: Fixture) {
    let client = fixture.client();
    let before = add(&client, item(2)).await;
    let line = path(&format!("/items/{MEAL}"));

    fixture.ephemeral.begin();
    let answers = [
        client.get(&path("")).await,
        client.get(&path("/validate")).await,
        client.post("/carts/anonymous/add", item(1)).await,
        client.post("/carts/anonymous/add", json!({ "restaurant_id": RESTAURANT, "meal_id": MEAL })).await,
        client.patch(&line, json!({ "quantity": 1 })).await,
        client.delete(&line).await,
        client.delete(&path("/clear")).await,
        client.post(&path("/extend"), json!({})).await,
    ];
    let id = client.post("/carts/anonymous/generate-id", json!({})).await.status;
    fixture.ephemeral.end();

    for answer in answers {
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{}", answer.text);
    }
    assert_eq!(id, 200);
    assert_eq!(client.get(&path("")).await.parts(), (200, before));
}

async fn a_change_that_has_happened_is_answered_also_without_prices(fixture: Fixture) {
    let client = fixture.client();
    add(&client, item(2)).await;
    // What was known of the restaurant is looked up again.
    fixture.clock.advance(std::time::Duration::from_secs(2));
    let tx: WriteTransaction = fixture.context.database.begin_write().await.unwrap();
    tx.execute_unprepared("ALTER TABLE cart_restaurant RENAME TO elsewhere").await.unwrap();
    tx.commit().await.unwrap();

    let changed = client.patch(&path(&format!("/items/{MEAL}")), json!({ "quantity": 5 })).await;
    let found = client.get(&path("")).await;

    let (status, cart) = changed.parts();
    assert_eq!((status, &cart["item_count"], &cart["items"][0]["reason"]), (200, &json!(5), &json!("PRICE_UNKNOWN")));
    assert!(found.status >= 500, "{}", found.text);
}

async fn the_carts_of_users_go_on_meanwhile(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);
    let line = format!("/carts/update/{}", kitchen.ayran);
    // The process knows the keys of tokens by now.
    assert_eq!(ayse.get("/carts/get").await.status, 200);

    fixture.ephemeral.begin();
    let added = ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await.status;
    let changed = ayse.patch(&line, json!({ "quantity": 5 })).await.status;
    let current = ayse.get("/carts/current").await.json()["item_count"].clone();
    let cleared = ayse.delete("/carts/clear").await.status;
    fixture.ephemeral.end();

    assert_eq!(([added, changed, cleared], current), ([200; 3], json!(5)));
}
