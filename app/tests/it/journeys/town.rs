//! A newcomer is made a manager and opens a restaurant, and a diner finds it by a dish as one types it in a hurry.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Diner, Platform, Tokens, at_last, in_every_size, run_program};

use super::addresses::grant;

/// Where the restaurant is.
fn place() -> Value {
    json!({
        "title": "Çıpa Kebap", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710", "latitude": 40.9819, "longitude": 29.0256,
    })
}

fn restaurant(address: &Value) -> Value {
    json!({ "name": "Çıpa Kebap", "address_id": address, "opening_hours": hours(), "min_order": 75, "delivery_fee": 9.9 })
}

/// Open whenever the test runs.
fn hours() -> Value {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    json!(days.map(|day| (day, "00:00-24:00")).into_iter().collect::<BTreeMap<_, _>>())
}

/// An address that was never written down.
fn nowhere() -> Value {
    json!("00000000-0000-4000-8000-000000000001")
}

fn created(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].clone()
}

/// Makes a manager of somebody: at the server's terminal where there is one, else through the API.
async fn promote(platform: &Platform, meral: &Diner, tokens: &Tokens) {
    if platform.has_servers() {
        return grant(platform, tokens).await;
    }
    let granted = run_program(&platform.data(), &["admin", "grant", &meral.email, "manager"], "").await;
    assert_eq!(granted.code, Some(0), "{granted:?}");
    platform.notice_other_processes();
}

/// What `query` finds in each process that searches, once that is `expected` of the first restaurant: its id and the meals by
/// which it was found, each with its price.
async fn found_everywhere(guest: &Diner, platform: &Platform, query: &str, expected: &Value) -> Value {
    let mut last = Value::Null;
    for url in platform.urls(&format!("/restaurants/search?query={query}")) {
        last = at_last(&format!("{url} finds {expected}"), async || {
            let found = guest.send_to(&url, Method::GET, None, None).await;
            // A fleet's processes answer so until each has read all restaurants once.
            let found = Some(found).filter(|found| found.status == StatusCode::OK)?.json()["restaurants"][0].clone();
            let meals = found["matches"].as_array().into_iter().flatten();
            let meals: Vec<Value> = meals.map(|meal| json!([meal["name"], meal["price"]])).collect();
            (json!([found["id"], meals]) == *expected).then_some(found)
        })
        .await;
    }
    last
}

#[tokio::test]
async fn a_newcomer_is_made_a_manager_and_a_diner_finds_the_restaurant_by_a_misspelt_dish() {
    in_every_size(async |platform| {
        let (meral, newcomer) = Diner::signed_up(&platform, "meral@example.com").await;
        let guest = Diner::new(&platform, "misafir@example.com");

        promote(&platform, &meral, &newcomer).await;
        let before = meral.post_as(&newcomer, "/restaurants", restaurant(&nowhere())).await;
        assert_eq!(before.status, StatusCode::FORBIDDEN, "the session learns it at its next refresh: {}", before.text);
        let manager = meral.refresh(&newcomer).await.tokens();
        assert_eq!(meral.get_as(&manager, "/auth/me").await.json()["role"], "manager");
        let session = |tokens: &Tokens| platform.claims(&tokens.access)["sid"].clone();
        assert_eq!(session(&manager), session(&newcomer));

        // Nobody knows the address that it names first.
        let address = created(&meral.post_as(&manager, "/addresses?entity_type=RESTAURANT", place()).await);
        let id = created(&meral.post_as(&manager, "/restaurants", restaurant(&nowhere())).await);
        let path = format!("/restaurants/{}", id.as_str().unwrap());
        let draft = meral.get_as(&manager, &path).await.json();
        assert_eq!((&draft["draft_reason"], draft.get("address")), (&json!("ADDRESS_UNKNOWN"), None), "{draft}");
        assert_eq!(guest.send(Method::GET, &path, None, None).await.status, StatusCode::NOT_FOUND);
        let change = |body: Value| meral.send(Method::PUT, &path, Some(&manager.access), Some(body));
        assert_eq!(change(json!({ "address_id": address })).await.status, StatusCode::OK);
        let seen = at_last("the address is known", async || {
            let seen = guest.send(Method::GET, &path, None, None).await;
            (seen.status == StatusCode::OK).then(|| seen.json())
        });
        assert_eq!(seen.await["address"]["district"], "Kadıköy");

        let category = meral.post_as(&manager, &format!("{path}/categories"), json!({ "name": "Fırından" })).await;
        let dish = json!({
            "restaurant_id": id, "category_id": created(&category), "name": "Fıstıklı Lahmacun", "price": 140.5,
        });
        let meal = created(&meral.post_as(&manager, "/meals", dish).await);

        let found = found_everywhere(&guest, &platform, "lahmcun", &json!([id, [["Fıstıklı Lahmacun", 140.5]]])).await;
        assert_eq!((&found["is_open"], &found["accepts_orders"]), (&json!(true), &json!(true)), "{found}");
        assert_eq!((&found["opening_hours"], &found["delivery_fee"]), (&hours(), &json!(9.9)), "{found}");
        let menu = guest.send(Method::GET, &format!("{path}/menu"), None, None).await.json();
        let served = &menu["categories"][0];
        assert_eq!((&served["name"], &served["meals"][0]["price"]), (&json!("Fırından"), &json!(140.5)), "{menu}");

        let meal = format!("/meals/{}", meal.as_str().unwrap());
        let urls = platform.urls(&meal);
        for (turn, url) in urls.iter().enumerate() {
            let (name, price) = (["Katmer", "Künefe"][turn % 2], 150 + turn);
            let body = json!({ "name": name, "price": price });
            let changed = meral.send_to(url, Method::PUT, Some(&manager.access), Some(body)).await;
            assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);

            found_everywhere(&guest, &platform, name, &json!([id, [[name, price]]])).await;
            found_everywhere(&guest, &platform, "lahmcun", &json!([null, []])).await;
        }
    })
    .await;
}
