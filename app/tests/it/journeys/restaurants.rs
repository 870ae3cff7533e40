//! A restaurant: written down, known by its address, seen by everybody.

use std::time::Duration;

use contracts::Secret;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Diner, Platform, Tokens, at_last, in_every_size};

/// Somebody who may own restaurants.
async fn owner(platform: &Platform) -> (Diner, Tokens) {
    let meral = Diner::new(platform, "meral@example.com");
    let password = Secret::new(meral.password.clone());
    auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
    let tokens = meral.login().await.tokens();
    (meral, tokens)
}

/// Where a restaurant is.
fn place() -> Value {
    json!({
        "title": "Çıpa", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
    })
}

#[tokio::test]
async fn a_restaurant_is_seen_by_everybody_once_its_address_is_known_and_as_long_as_it_is_there() {
    in_every_size(async |platform| {
        let (meral, tokens) = owner(&platform).await;
        let guest = Diner::new(&platform, "misafir@example.com");

        let address = meral.post_as(&tokens, "/addresses?entity_type=RESTAURANT", place()).await.json();
        let restaurant =
            json!({ "name": "Çıpa Kebap", "address_id": address["id"], "min_order": 75, "delivery_fee": 9.9 });
        let created = meral.post_as(&tokens, "/restaurants", restaurant).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        platform.idle().await;

        let path = format!("/restaurants/{}", created.json()["id"].as_str().unwrap());
        let seen = guest.send(Method::GET, &path, None, None).await.json();
        assert_eq!((&seen["name"], &seen["address"]["district"]), (&json!("Çıpa Kebap"), &json!("Kadıköy")), "{seen}");
        at_last("the list has the restaurant", async || {
            (guest.send(Method::GET, "/restaurants", None, None).await.json() == json!([seen])).then_some(())
        })
        .await;
        for url in platform.urls("/restaurants/search?query=cipa+kadik%C3%B6y") {
            at_last("each process finds the restaurant", async || {
                let found = guest.send_to(&url, Method::GET, None, None).await.json();
                ((&found["total"], &found["restaurants"][0]["id"]) == (&json!(1), &seen["id"])).then_some(())
            })
            .await;
        }

        let address = format!("/addresses/{}", address["id"].as_str().unwrap());
        meral.send(Method::DELETE, &address, Some(&tokens.access), None).await;
        platform.idle().await;
        let hidden = guest.send(Method::GET, &path, None, None).await;
        let own = meral.get_as(&tokens, &path).await.json();
        assert_eq!((hidden.status, &own["draft_reason"]), (StatusCode::NOT_FOUND, &json!("ADDRESS_UNKNOWN")));
        at_last("the list has it no more", async || {
            (guest.send(Method::GET, "/restaurants", None, None).await.json() == json!([])).then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_a_restaurant_and_the_platform_promise_is_seen_by_everybody_until_it_is_over() {
    in_every_size(async |platform| {
        let (meral, tokens) = owner(&platform).await;
        let guest = Diner::new(&platform, "misafir@example.com");
        let listed = async || {
            let list = guest.send(Method::GET, "/campaigns", None, None).await.json();
            list.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let address = meral.post_as(&tokens, "/addresses?entity_type=RESTAURANT", place()).await.json();
        let restaurant = json!({ "name": "Çıpa Kebap", "address_id": address["id"] });
        let restaurant = meral.post_as(&tokens, "/restaurants", restaurant).await.json()["id"].clone();
        platform.idle().await;

        for (title, hours, restaurant) in [("Çıpa'da", 1, restaurant), ("Her yerde", 2, Value::Null)] {
            let campaign = json!({
                "title": title, "description": "Yol bizden", "kind": "free_delivery", "restaurant_id": restaurant,
                "start_date": platform.now(), "end_date": platform.now() + Duration::from_secs(hours * 60 * 60),
            });
            let created = meral.post_as(&tokens, "/campaigns", campaign).await;
            assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
        }
        platform.idle().await;

        assert_eq!(listed().await, ["Çıpa'da", "Her yerde"]);
        platform.advance(Duration::from_secs(60 * 60));
        assert_eq!(listed().await, ["Her yerde"]);
    })
    .await;
}
