//! A cart: filled by a diner, priced by what the restaurant has published, and honest about what has become of it.

use std::collections::BTreeMap;

use contracts::Secret;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Diner, Platform, Tokens, in_every_size};

/// Somebody with a restaurant that everybody sees, is open whenever the test runs, and has an ayran on its menu; the ids of both.
pub(super) async fn restaurant(platform: &Platform, meral: &Diner, tokens: &Tokens, name: &str) -> (Value, Value) {
    let place = json!({
        "title": name, "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
    });
    let address = meral.post_as(tokens, "/addresses?entity_type=RESTAURANT", place).await.json();
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours: BTreeMap<_, _> = days.map(|day| (day, "00:00-24:00")).into_iter().collect();
    let body = json!({
        "name": name, "address_id": address["id"], "opening_hours": hours, "min_order": 75, "delivery_fee": 9.9,
    });
    let restaurant = meral.post_as(tokens, "/restaurants", body).await.json()["id"].clone();
    let ayran = json!({ "restaurant_id": restaurant, "name": "Ayran", "price": 35.5 });
    let ayran = meral.post_as(tokens, "/meals", ayran).await.json()["id"].clone();
    platform.idle().await;
    (restaurant, ayran)
}

#[tokio::test]
async fn a_cart_knows_what_its_lines_cost_and_what_has_become_of_them() {
    in_every_size(async |platform| {
        let meral = Diner::new(&platform, "meral@example.com");
        let password = Secret::new(meral.password.clone());
        auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
        let tokens = meral.login().await.tokens();
        let (cipa, ayran) = restaurant(&platform, &meral, &tokens, "Çıpa Kebap").await;
        let (liman, other) = restaurant(&platform, &meral, &tokens, "Liman").await;
        let (ayse, key) = Diner::signed_up(&platform, "ayse@example.com").await;
        let line = async || {
            let cart = ayse.get_as(&key, "/carts/current").await.json();
            let line = &cart["items"][0];
            json!([line["name"], line["line_total"], line["reason"], cart["total"]])
        };

        let two = json!({ "restaurant_id": cipa, "meal_id": ayran, "quantity": 2 });
        let added = ayse.post_as(&key, "/carts/add", two).await;
        assert_eq!(added.status, 200, "{}", added.text);
        assert_eq!(line().await, json!(["Ayran", 71, null, 80.9]));
        let elsewhere = json!({ "restaurant_id": liman, "meal_id": other });
        let refused = ayse.post_as(&key, "/carts/add", elsewhere).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["conflict"]["wanted"]["name"]), (400, &json!("Liman")));

        let meal = format!("/meals/{}", ayran.as_str().unwrap());
        for (method, path, body, expected) in [
            (
                Method::PUT,
                meal.clone(),
                json!({ "price": 40, "name": "Köpüklü ayran" }),
                json!(["Köpüklü ayran", 80, null, 89.9]),
            ),
            (
                Method::PATCH,
                format!("{meal}/availability"),
                json!({ "is_available": false }),
                json!(["Köpüklü ayran", null, "SOLD_OUT", 0]),
            ),
            (Method::DELETE, meal, json!({}), json!(["Köpüklü ayran", null, "REMOVED", 0])),
            (
                Method::DELETE,
                format!("/restaurants/{}", cipa.as_str().unwrap()),
                json!({}),
                json!(["Köpüklü ayran", null, "RESTAURANT_GONE", 0]),
            ),
        ] {
            let answer = meral.send(method, &path, Some(&tokens.access), Some(body)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            platform.idle().await;
            platform.advance(std::time::Duration::from_secs(1));
            assert_eq!(line().await, expected, "{path}");
        }
    })
    .await;
}
