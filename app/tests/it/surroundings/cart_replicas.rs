//! Three processes of the cart service on one Redis, and many clients that fill one cart through all of them.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::fleet::Fleet;
use crate::support::{http_client, read};

const CLIENTS: usize = 32;
const ADDS: u32 = 1_000;
const MEALS: u32 = 25;
const CART: &str = "f4c1f2a8-7d3e-4b53-9a30-2f6f5a9be001";

fn item(number: u32) -> Value {
    let meal = format!("018f5a3e-3333-4000-8000-{:012}", number % MEALS);
    json!({ "cart_id": CART, "restaurant_id": "018f5a3e-2222-4000-8000-000000000001", "meal_id": meal })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_adds_through_three_processes_are_a_thousand() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut auth = fleet.process("auth");
    let mut carts = [(); 3].map(|()| fleet.process("cart"));
    auth.server.start().await.unwrap();
    for cart in &mut carts {
        cart.server.start().await.unwrap();
    }
    let (next, refused, http) = (AtomicU32::new(0), AtomicU32::new(0), http_client());
    let client = async |number: usize| {
        let url = carts[number % carts.len()].server.url("/carts/anonymous/add");
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= ADDS {
                break;
            }
            let answer = read(http.post(&url).json(&item(number))).await;
            if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                refused.fetch_add(1, Ordering::Relaxed);
            } else {
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            }
        }
    };

    join_all((0..CLIENTS).map(client)).await;

    for process in &carts {
        let cart = read(http.get(process.server.url(&format!("/carts/anonymous/{CART}")))).await.json();
        let quantities = cart["items"].as_array().unwrap().iter().map(|item| item["quantity"].as_u64().unwrap());
        let (most, count) = (quantities.max(), cart["item_count"].as_u64().unwrap());
        // One that a busy machine had no time for may have happened.
        let accepted = u64::from(ADDS - refused.load(Ordering::Relaxed));
        assert!((accepted..=ADDS.into()).contains(&count) && most <= Some(40), "{accepted} were accepted: {cart}");
    }
}
