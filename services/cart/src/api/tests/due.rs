//! What orders do by themselves as time goes by, whatever becomes of others.

use std::time::Duration;

use database::{Connection, WriteTransaction};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, Engine, changed};
use serde_json::{Value, json};

use super::late_payments::provider_later;
use super::payments::status as states;
use super::payments::{later, pay, read};
use crate::actions;
use crate::fixture::{Fixture, Kitchen};
use crate::sandbox::FoundState;

on_every_database! {
    Fixture:
    orders_that_fail_each_time_keep_no_other_waiting,
    a_provider_that_is_silent_keeps_no_order_waiting,
    movements_that_cant_be_read_keep_no_other_waiting,
    late_payments_that_cant_be_read_keep_no_other_waiting,
    orders_that_a_kitchen_cant_move_keep_no_other_waiting,
    what_is_locked_as_it_is_due_goes_on_behind_that,
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
    /// Changes rows, as a fault of somebody else might, or a later release.
    async fn change_rows(&self, change: &str) {
        let tx = self.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(change).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Writes a code into all orders.
    async fn write_codes(&self, code: &str) {
        self.change_rows(&format!("UPDATE cart_order SET code = '{code}'")).await;
    }

    /// Has all rows of the table to itself until it is dropped; on SQLite that is the whole database.
    async fn lock(&self, table: &str) -> WriteTransaction {
        let tx = self.context.database.begin_write().await.unwrap();
        tx.execute_unprepared(&format!("UPDATE {table} SET created_at = created_at")).await.unwrap();
        tx
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

/// Orders that cards have paid and the restaurant has taken on, so that their money is to be taken.
async fn taken_on(fixture: &Fixture, kitchen: &Kitchen, count: usize) -> Vec<(Client, Value)> {
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let mut orders = Vec::new();
    for _ in 0..count {
        let diner = fixture.ayse();
        let paid = pay(&diner, kitchen, "ok").await.json();
        let path = format!("/carts/orders/{}/accept", paid["public_id"].as_str().unwrap());
        assert_eq!(owner.post(&path, json!({})).await.status, 200);
        orders.push((diner, paid));
    }
    orders
}

/// Those of which the money was taken.
async fn captured(orders: &[(Client, Value)]) -> usize {
    let mut captured = 0;
    for (diner, order) in orders {
        captured += usize::from(states(&read(diner, order).await).1 == "captured");
    }
    captured
}

async fn movements_that_cant_be_read_keep_no_other_waiting(fixture: Fixture) {
    let kitchen = fixture.kitchen("Çıpa").await;
    // In the movement, and in its payment: words of a later release.
    for (broken, mended) in [
        (
            "UPDATE cart_payment_movement SET kind = 'split' WHERE kind = 'capture' AND state = 'wanted'",
            "UPDATE cart_payment_movement SET kind = 'capture' WHERE kind = 'split'",
        ),
        (
            "UPDATE cart_payment SET token = 'instalments' WHERE state = 'authorised'",
            "UPDATE cart_payment SET token = 'ok' WHERE token = 'instalments'",
        ),
    ] {
        let failing = taken_on(&fixture, &kitchen, 21).await;
        fixture.change_rows(broken).await;
        fixture.clock.advance(Duration::from_secs(1));
        let good = taken_on(&fixture, &kitchen, 1).await;

        actions::go_on_with_movements(&fixture.carts).await.unwrap();
        let others = captured(&good).await;
        fixture.change_rows(mended).await;
        // They wait for a while, and are tried again then.
        actions::go_on_with_movements(&fixture.carts).await.unwrap();
        let soon = captured(&failing).await;
        later(&fixture, 15).await;
        later(&fixture, 60).await;

        assert_eq!((others, soon, captured(&failing).await), (1, 0, 21), "{broken}");
    }
}

async fn late_payments_that_cant_be_read_keep_no_other_waiting(fixture: Fixture) {
    let (kitchen, amount) = (fixture.kitchen("Çıpa").await, 22_290);
    let diners: Vec<_> = (0..21).map(|_| fixture.ayse()).collect();
    // Nobody waits for the answers for longer than the provider is given.
    for diners in diners.chunks(7) {
        join_all(diners.iter().map(|diner| pay(diner, &kitchen, "late_ok"))).await;
    }
    fixture.change_rows("UPDATE cart_sandbox_charge SET amount_kurus = -1").await;
    fixture.clock.advance(Duration::from_secs(1));
    let diner = fixture.ayse();
    let good = pay(&diner, &kitchen, "late_ok").await.json();

    provider_later(&fixture, 20).await;
    let held = states(&read(&diner, &good).await).0.to_owned();
    fixture.change_rows(&format!("UPDATE cart_sandbox_charge SET amount_kurus = {amount}")).await;
    for _ in 0..2 {
        provider_later(&fixture, 1).await;
    }

    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let board = owner.get(&format!("/carts/restaurants/{}/orders?limit=100", kitchen.id)).await.json();
    assert_eq!((held.as_str(), board.as_array().unwrap().len()), ("placed", 22));
}

async fn orders_that_a_kitchen_cant_move_keep_no_other_waiting(fixture: Fixture) {
    let (kitchen, ali, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse(), fixture.ayse());
    for quantity in 6..57 {
        order(&ali, &kitchen, quantity, json!({})).await;
    }
    fixture.write_codes("LOST").await;
    let good = order(&ayse, &kitchen, 6, json!({})).await;
    fixture.clock.advance(Duration::from_secs(60));

    let failed = actions::work_kitchens(&fixture.carts, &[kitchen.id]).await;

    assert!(failed.is_err());
    assert_eq!(status(&ayse, &good).await, "accepted");
}

async fn what_is_locked_as_it_is_due_goes_on_behind_that(fixture: Fixture) {
    let (kitchen, diner) = (fixture.kitchen("Çıpa").await, fixture.ayse());
    let unanswered = order(&diner, &kitchen, 6, json!({})).await;
    let paid = taken_on(&fixture, &kitchen, 1).await;
    fixture.clock.advance(Duration::from_secs(10 * 60));
    let kept = fixture.lock("cart_order").await;

    actions::step_due(&fixture.carts).await.unwrap();
    let meanwhile = status(&diner, &unanswered).await;
    drop(kept);
    later(&fixture, 1).await;

    assert_eq!(meanwhile, "placed");
    assert_eq!((status(&diner, &unanswered).await, captured(&paid).await), (json!("rejected"), 1));
}

/// More of them than are moved at a time, and one that nobody has locked.
#[tokio::test(flavor = "multi_thread")]
async fn orders_and_movements_that_somebody_has_locked_keep_no_other_waiting() {
    let Some(fixture) = Fixture::on(Engine::Postgres).await else { return };
    let (kitchen, ali, ayse) = (fixture.kitchen("Çıpa").await, fixture.ayse(), fixture.ayse());
    let mut locked = Vec::new();
    for quantity in 6..57 {
        locked.push(order(&ali, &kitchen, quantity, json!({})).await);
    }
    let paid = taken_on(&fixture, &kitchen, 21).await;
    let kept = [fixture.lock("cart_order").await, fixture.lock("cart_payment_movement").await];
    let being_moved = order(&ayse, &kitchen, 6, json!({})).await;
    let mover = fixture.context.database.begin_locked(&format!("order {being_moved}")).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    let (good, good_paid) = (order(&ayse, &kitchen, 7, json!({})).await, taken_on(&fixture, &kitchen, 1).await);

    fixture.clock.advance(Duration::from_secs(10 * 60));
    let moving = async {
        actions::step_due(&fixture.carts).await.unwrap();
        actions::go_on_with_movements(&fixture.carts).await.unwrap();
    };
    // None of them is waited for.
    let moved_in_time = tokio::time::timeout(Duration::from_secs(20), moving).await;
    let moved = (status(&ayse, &good).await, captured(&good_paid).await);
    let waiting = (status(&ali, &locked[0]).await, status(&ayse, &being_moved).await, captured(&paid).await);
    drop((kept, mover));
    for _ in 0..3 {
        later(&fixture, 1).await;
    }

    assert!(moved_in_time.is_ok());
    assert_eq!(moved, (json!("rejected"), 1));
    assert_eq!(waiting, (json!("placed"), json!("placed"), 0));
    for id in locked {
        assert_eq!(status(&ali, &id).await, "rejected");
    }
    assert_eq!((status(&ayse, &being_moved).await, captured(&paid).await), (json!("rejected"), 21));
}
