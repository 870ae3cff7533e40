//! An order: placed with cash and by card, answered by the restaurant, and followed by its diner, who gets a mail of each step.

use std::time::Duration;

use contracts::Secret;
use reqwest::StatusCode;
use serde_json::json;

use super::carts::restaurant;
use crate::support::{Diner, at_last, in_every_size};

#[tokio::test]
async fn an_order_is_placed_answered_and_brought() {
    in_every_size(async |platform| {
        let meral = Diner::new(&platform, "meral@example.com");
        let password = Secret::new(meral.password.clone());
        auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
        let owner = meral.login().await.tokens();
        let (restaurant, ayran) = restaurant(&platform, &meral, &owner, "Çıpa Kebap").await;
        let (ayse, key) = Diner::signed_up(&platform, "ayse@example.com").await;
        platform.idle().await;
        let board = format!("/carts/restaurants/{}/orders", restaurant.as_str().unwrap());

        for (method, number) in [("cash", 0), ("credit_card", 1)] {
            let order = json!({ "payment_method": method, "items": [{ "meal_id": ayran, "quantity": 3 + number }] });
            let placed = ayse.post_as(&key, "/carts/checkout", order).await;
            assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
            let path = format!("/carts/orders/{}", placed.json()["public_id"].as_str().unwrap());
            let open = meral.get_as(&owner, &board).await.json();
            assert_eq!((open.as_array().unwrap().len(), &open[0]["code"]), (1, &placed.json()["code"]));

            for step in ["accept", "dispatch", "deliver"] {
                let answer = meral.post_as(&owner, &format!("{path}/{step}"), json!({})).await;
                assert_eq!(answer.status, StatusCode::OK, "{step}: {}", answer.text);
            }
            let seen = at_last("the money is where it belongs", async || {
                platform.advance(Duration::from_secs(1));
                let seen = ayse.get_as(&key, &path).await.json();
                let is_paid = method == "cash" || seen["payment"]["status"] == "captured";
                is_paid.then_some(seen)
            });
            let steps: Vec<_> = seen.await["timeline"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step["status"].clone())
                .rev()
                .take(4)
                .collect();
            assert_eq!(json!(steps), json!(["delivered", "on_the_way", "accepted", "placed"]));
            let last = platform.mail(&ayse.email, "order_delivered", number + 1).await.text();
            assert!(last.contains(placed.json()["code"].as_str().unwrap()), "{last}");
        }
        let history = ayse.get_as(&key, "/carts/orders").await.json();
        assert_eq!(history.as_array().unwrap().len(), 2);
    })
    .await;
}
