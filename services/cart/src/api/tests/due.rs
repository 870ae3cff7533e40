//! What orders do by themselves as time goes by, whatever becomes of others.

use std::time::Duration;

use database::Connection;
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, changed};
use serde_json::{Value, json};

use super::payments::later;
use crate::actions;
use crate::fixture::{Fixture, Kitchen};
use crate::sandbox::FoundState;

on_every_database! {
    Fixture:
    orders_that_fail_each_time_keep_no_other_waiting,
    a_provider_that_is_silent_keeps_no_order_waiting,
}

async fn order(diner: &Client, kitchen: &Kitchen, quantity: u16, payment: Value) -> String {
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": quantity }] });
    let placed = diner.post("/carts/checkout", changed(body, payment)).await;
    assert_eq!(placed.status, 200, "{}", placed.text);
    placed.json()["public_id"].as_str().unwrap().to_owned()
}

async fn status(diner: &Client, id: &str) -> Value {
    diner.get(&format!("/carts/orders/{id}")).await.json()["status"].clone()
}

impl Fixture {
    /// Writes a code into all orders, as a fault of somebody else might.
    async fn write_codes(&self, code: &str) {
        let tx = self.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(&format!("UPDATE cart_order SET code = '{code}'")).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn orders_that_fail_each_time_keep_no_other_waiting(fixture: Fixture) {
    let (kitchen, ali, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse(), fixture.ayse());
    let mut failing = Vec::new();
    for quantity in 6..66 {
        failing.push(order(&ali, &kitchen, quantity, json!({})).await);
    }
    // No code has this letter, so that the orders can't be read.
    fixture.write_codes("LOST").await;
    fixture.clock.advance(Duration::from_secs(1));
    let good = order(&ayse, &kitchen, 6, json!({})).await;

    fixture.clock.advance(Duration::from_secs(10 * 60));
    actions::step_due(&fixture.carts).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    actions::step_due(&fixture.carts).await.unwrap();
    let moved = status(&ayse, &good).await;
    fixture.write_codes("7QF2").await;
    // They are tried again, ever more rarely.
    fixture.clock.advance(Duration::from_secs(60));
    for _ in 0..2 {
        actions::step_due(&fixture.carts).await.unwrap();
    }

    assert_eq!(moved, "rejected");
    for id in &failing {
        assert_eq!(status(&ali, id).await, "rejected");
    }
}

async fn a_provider_that_is_silent_keeps_no_order_waiting(fixture: Fixture) {
    let (kitchen, ali, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse(), fixture.ayse());
    let silent = json!({ "payment_method": "credit_card", "payment": { "token": "silent" } });
    let unpaid = join_all([6, 7].map(|quantity| order(&ali, &kitchen, quantity, silent.clone()))).await;
    let good = order(&ayse, &kitchen, 6, json!({})).await;
    fixture.clock.advance(Duration::from_secs(10 * 60));

    let carts = &fixture.carts;
    tokio::select! {
        biased;
        _ = actions::expire_unpaid(carts) => panic!("the provider has answered"),
        stepped = actions::step_due(carts) => stepped.unwrap(),
    }
    let moved = status(&ayse, &good).await;
    actions::expire_unpaid(carts).await.unwrap();
    let waiting = status(&ali, &unpaid[0]).await;
    // Nobody waits for it for ever.
    fixture.clock.advance(Duration::from_secs(5 * 60));
    actions::expire_unpaid(carts).await.unwrap();

    assert_eq!((moved, waiting), (json!("rejected"), json!("awaiting_payment")));
    for id in &unpaid {
        assert_eq!(status(&ali, id).await, "payment_failed");
    }
    // It has held the money, which is let go of once it says so.
    for _ in 0..3 {
        later(&fixture, 6 * 60).await;
    }
    for id in unpaid {
        let failed = ali.get(&format!("/carts/orders/{id}")).await.json();
        assert_eq!(fixture.provider(&failed).await.state, FoundState::Voided);
        fixture.balance(&failed).await;
    }
}
