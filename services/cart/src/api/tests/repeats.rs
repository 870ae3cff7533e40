//! Orders that meet an order of the same diner which is being written.

use futures_util::future::join_all;
use kit::on_every_database;
use serde_json::json;

use super::checkout::order;
use crate::fixture::Fixture;
use crate::store;

on_every_database! {
    Fixture:
    whoever_meets_their_own_order_that_is_being_written_comes_again,
    whoever_meets_anything_else_that_keeps_their_cart_finds_the_service_away,
}

async fn whoever_meets_their_own_order_that_is_being_written_comes_again(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let ayse = fixture.client().user(user);
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let being_written = store::basket::begin_checkout(&fixture.context.database, user).await.unwrap();

    let met = join_all([(); 2].map(|()| ayse.post("/carts/checkout", body.clone()))).await;
    drop(being_written);
    let again = order(&ayse, body).await;

    for answer in met {
        assert_eq!((answer.status, answer.code()), (409, "CHECKOUT_IN_PROGRESS".to_owned()), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(again["status"], "placed");
}

/// On SQLite that is whatever is written, such as the order of somebody else.
async fn whoever_meets_anything_else_that_keeps_their_cart_finds_the_service_away(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let ayse = fixture.client().user(user);
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let database = &fixture.context.database;
    let (anothers, own) = (format!("checkout {}", fixture.new_user()), format!("cart {user}"));
    let kept = database.begin_locked_each(vec![anothers, own]).await.unwrap();

    // Two at once: neither is being written.
    let met = join_all([(); 2].map(|()| ayse.post("/carts/checkout", body.clone()))).await;
    drop(kept);
    let again = order(&ayse, body).await;

    for answer in met {
        assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE".to_owned()), "{}", answer.text);
        assert!(!answer.header("retry-after").is_empty());
    }
    assert_eq!(again["status"], "placed");
}
