//! Routes, as clients see them.

mod checkout;
mod checkout_address;
mod conflict;
mod coupons;
mod delays;
mod due;
mod input;
mod items;
mod kitchens;
mod late_payments;
mod live;
mod live_setbacks;
mod merge;
mod options;
mod order_regressions;
mod order_rights;
mod pages;
mod payments;
mod priced;
mod prices_seen;
mod races;
mod regressions;
mod repeats;
mod rights;
mod schedule;
mod steps;
mod undo;

use kit::on_every_database;
use kit::testing::{Answer, Client};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    health_is_ok_while_the_database_answers,
    every_path_is_also_taken_with_a_slash_at_its_end,
}

/// The answer to an order that is one of many at once: more than a busy machine serves in time have to come again.
pub(super) async fn check_out_at_last(client: &Client, body: Value) -> Answer {
    loop {
        let answer = client.post("/carts/checkout", body.clone()).await;
        if answer.status != 503 && answer.code() != "CHECKOUT_IN_PROGRESS" {
            return answer;
        }
    }
}

async fn health_is_ok_while_the_database_answers(fixture: Fixture) {
    for path in ["/carts/health", "/carts/health/"] {
        assert_eq!(fixture.client().get(path).await.parts(), (200, json!({ "status": "ok" })));
    }
}

async fn every_path_is_also_taken_with_a_slash_at_its_end(fixture: Fixture) {
    let (ayse, kitchen) = (fixture.ayse(), fixture.kitchen("Çıpa").await);

    let added = ayse.post("/carts/add/", kitchen.two_ayran(json!({}))).await;
    let update = format!("/carts/update/{}/", kitchen.ayran);
    let answers = [
        added.status,
        ayse.get("/carts/get/").await.status,
        ayse.get("/carts/current/").await.status,
        ayse.patch(&update, json!({ "quantity": 3 })).await.status,
        ayse.delete(&format!("/carts/remove/{}/", kitchen.ayran)).await.status,
        ayse.delete("/carts/clear/").await.status,
    ];

    assert_eq!(answers, [200; 6]);
}
