//! A restaurant: written down, known by its address, seen by everybody.

use contracts::Secret;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Diner, Platform, Tokens, in_every_size};

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
        assert_eq!(guest.send(Method::GET, "/restaurants", None, None).await.json(), json!([seen]));

        let address = format!("/addresses/{}", address["id"].as_str().unwrap());
        meral.send(Method::DELETE, &address, Some(&tokens.access), None).await;
        platform.idle().await;
        let hidden = guest.send(Method::GET, &path, None, None).await;
        let own = meral.get_as(&tokens, &path).await.json();
        assert_eq!((hidden.status, &own["draft_reason"]), (StatusCode::NOT_FOUND, &json!("ADDRESS_UNKNOWN")));
    })
    .await;
}
