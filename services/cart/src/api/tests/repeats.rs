//! Orders that meet an order of the same diner which is being written.

use futures_util::future::join_all;
use kit::on_every_database;
use serde_json::json;

use super::checkout::order;
use crate::fixture::Fixture;

on_every_database! {
    Fixture: whoever_meets_their_own_order_that_is_being_written_comes_again
}

async fn whoever_meets_their_own_order_that_is_being_written_comes_again(fixture: Fixture) {
    let (kitchen, user) = (fixture.kitchen("Çıpa").await, fixture.new_user());
    let ayse = fixture.client().user(user);
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let being_written = fixture.context.database.begin_locked(&format!("cart {user}")).await.unwrap();

    let met = join_all([(); 2].map(|()| ayse.post("/carts/checkout", body.clone()))).await;
    drop(being_written);
    let again = order(&ayse, body).await;

    for answer in met {
        assert_eq!((answer.status, answer.code()), (409, "CHECKOUT_IN_PROGRESS".to_owned()), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(again["status"], "placed");
}
