//! The restaurant, the diner and the clock move one order at the same time.

use std::time::Duration;

use contracts::{EmailEvent, OpeningHours};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Engine, Recorded};
use serde_json::json;

use super::steps::{ACCEPT, mailed, step};
use crate::actions;
use crate::fixture::Fixture;

on_every_database! {
    Fixture: one_of_many_hands_moves_an_order_and_mails_and_money_follow_it
}

async fn one_of_many_hands_moves_an_order_and_mails_and_money_follow_it(fixture: Fixture) {
    race(fixture, 20).await;
}

/// The restaurant, the diner and the clock move an order at the same time, in two processes, so many times; each other one is paid
/// for by card.
async fn race(fixture: Fixture, rounds: u32) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let mut kitchen = fixture.kitchen("Çıpa").await;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let always = serde_json::Map::from_iter(days.map(|day| (day.to_owned(), json!("00:00-24:00"))));
    let always: OpeningHours = serde_json::from_value(always.into()).unwrap();
    fixture.change(&mut kitchen, |catalog| catalog.opening_hours = always).await;
    let another = fixture.another_process().await;
    for round in 0..rounds {
        let (diner, owner) = (fixture.diner().await, another.client().manager(kitchen.catalog.owner_id));
        let method = if round % 2 == 0 { "cash" } else { "credit_card" };
        let body = json!({ "payment_method": method, "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
        let (code, placed) = diner.post("/carts/checkout", body).await.parts();
        assert_eq!((code, &placed["status"]), (200, &json!("placed")), "round {round}: {placed}");
        let id = placed["public_id"].as_str().unwrap();
        fixture.clock.advance(Duration::from_secs(10 * 60));

        let by_hand = join_all([step(&owner, id, ACCEPT, json!({})), step(&diner, id, "cancel", json!({}))]);
        let (by_hand, first, second) =
            tokio::join!(by_hand, actions::step_due(&fixture.carts), actions::step_due(&another.carts));
        first.and(second).unwrap();
        // A movement waits for the one before it.
        for _ in 0..3 {
            fixture.clock.advance(Duration::from_secs(2));
            actions::go_on_with_movements(&fixture.carts).await.unwrap();
        }

        let order = diner.get(&format!("/carts/orders/{id}")).await.json();
        let steps: Vec<_> = order["timeline"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
        let steps: Vec<_> = steps.into_iter().filter(|status| status != "awaiting_payment").collect();
        let mailed: Vec<_> = mailed(&mails).await.into_iter().map(|(change, _)| json!(change)).collect();
        assert_eq!(mailed, steps, "round {round}");
        // Whoever has ordered may still call off what was accepted a moment before.
        let ways: [&[&str]; 4] = [&["accepted"], &["cancelled"], &["rejected"], &["accepted", "cancelled"]];
        assert!(ways.iter().any(|way| json!(way) == json!(steps[1..])), "round {round}: {steps:?}");
        let won = by_hand.iter().filter(|(code, _)| *code == 200).count();
        assert_eq!(won, steps[1..].iter().filter(|step| **step != "rejected").count(), "round {round}: {steps:?}");
        if method == "credit_card" {
            let paid = if steps.last().unwrap() == "accepted" { "captured" } else { "released" };
            assert_eq!(order["payment"]["status"], paid, "round {round}: {steps:?}");
        }
    }
}

#[tokio::test]
#[ignore = "takes minutes; run it by hand when steps or payments were changed"]
async fn a_thousand_times_one_of_many_hands_moves_an_order() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(fixture) = Fixture::on(engine).await {
            race(fixture, 1_000).await;
        }
    }
}
