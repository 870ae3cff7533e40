//! Pages as a browser without script comes to them.

mod basket;
mod board;
mod checkout;
mod choice;
mod orders;

use kit::testing::Answer;
use serde_json::json;

use crate::fixture::{Browser, Fixture, Kitchen};

/// The form by which a restaurant's page adds so many ayran.
fn ayran(fixture: &Fixture, kitchen: &Kitchen, quantity: u16) -> String {
    let key = fixture.context.sources.uuid();
    format!("meal_id={}&quantity={quantity}&note=&istek={key}&donus=%2Frestoran%2Fcipa", kitchen.ayran)
}

/// An adana with this sauce.
fn adana(fixture: &Fixture, kitchen: &Kitchen, sauce: impl std::fmt::Display) -> String {
    let (key, group) = (fixture.context.sources.uuid(), kitchen.sauces);
    format!("meal_id={}&quantity=1&note=&secenek-{group}={sauce}&istek={key}&donus=%2Frestoran%2Fcipa", kitchen.adana)
}

/// Where it leads.
fn led_to(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("location"))
}

/// Somebody who has signed in and whose basket has two ayran and an adana: 311.50.
async fn filled(fixture: &Fixture) -> (Browser, Kitchen) {
    let (ayse, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    ayse.post("/carts/add", kitchen.two_ayran(json!({}))).await;
    ayse.post("/carts/add", kitchen.adana_with(&json!([{ "option_id": kitchen.hot }]))).await;
    (fixture.browser_of(&ayse), kitchen)
}
