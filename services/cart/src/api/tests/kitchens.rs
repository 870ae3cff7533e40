//! Orders in a demo, whose kitchens answer and bring them by themselves.

use std::time::Duration;

use contracts::{EmailEvent, OrderChanged, RestaurantId};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Client, Recorded, changed};
use serde_json::{Value, json};

use super::checkout::order;
use crate::actions;
use crate::fixture::{Fixture, Kitchen};
use crate::{Settings, build};

on_every_database! {
    Fixture:
    a_kitchen_accepts_cooks_and_brings_what_was_ordered,
    what_is_fetched_is_not_brought,
    what_is_wanted_at_a_time_is_accepted_at_once_and_cooked_for_then,
    whoever_moves_an_order_by_hand_has_it_to_themselves,
    one_of_twenty_orders_is_turned_down_and_never_the_first_of_a_restaurant,
    a_card_is_charged_when_the_kitchen_accepts,
    a_card_that_gives_no_money_after_all_stops_the_kitchen,
    kitchens_of_several_processes_make_one_step,
    many_orders_move_on_though_others_are_left_to_people,
    orders_of_other_restaurants_are_left_alone,
    without_kitchens_nothing_moves,
}

/// So many ayran, for cash.
fn cash(kitchen: &Kitchen, quantity: i16) -> Value {
    json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": quantity }] })
}

async fn read(client: &Client, order: &Value) -> Value {
    client.get(&path(order, "")).await.json()
}

async fn status(client: &Client, order: &Value) -> Value {
    read(client, order).await["status"].clone()
}

fn path(order: &Value, step: &str) -> String {
    format!("/carts/orders/{}{step}", order["public_id"].as_str().unwrap())
}

impl Fixture {
    /// Lets time go by, in which the kitchens work once each second.
    async fn cook(&self, kitchens: &[RestaurantId], seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            actions::work_kitchens(&self.carts, kitchens).await.unwrap();
            actions::go_on_with_movements(&self.carts).await.unwrap();
        }
    }
}

async fn a_kitchen_accepts_cooks_and_brings_what_was_ordered(fixture: Fixture) {
    let events = Recorded::<OrderChanged>::of(&fixture.context).await;
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let placed = order(&diner, cash(&kitchen, 6)).await;

    let mut seen = Vec::new();
    for seconds in [2, 1, 4, 1, 9, 1, 14, 1, 60] {
        fixture.cook(&[kitchen.id], seconds).await;
        seen.push(status(&diner, &placed).await);
    }

    let expected =
        [["placed", "accepted"], ["accepted", "preparing"], ["preparing", "on_the_way"], ["on_the_way", "delivered"]];
    assert_eq!(json!(seen), json!([&expected.concat()[..], &["delivered"]].concat()));
    let order = read(&diner, &placed).await;
    assert_eq!(order["target_at"], "2026-03-02T12:05:03Z");
    let hands: Vec<_> = order["timeline"].as_array().unwrap().iter().map(|step| step["by"].clone()).collect();
    assert_eq!(json!(hands), json!(["diner", "owner", "owner", "owner", "owner"]));
    assert_eq!((events.take().await.len(), mails.take().await.len()), (5, 5));
}

async fn what_is_fetched_is_not_brought(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let placed = order(&diner, changed(cash(&kitchen, 6), json!({ "fulfilment": "pickup" }))).await;

    fixture.cook(&[kitchen.id], 18).await;

    let timeline = read(&diner, &placed).await["timeline"].clone();
    let steps: Vec<_> = timeline.as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(json!(steps), json!(["placed", "accepted", "preparing", "delivered"]));
}

async fn what_is_wanted_at_a_time_is_accepted_at_once_and_cooked_for_then(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let at_six = json!({ "schedule_date": "2026-03-02T18:00:00Z" });
    let placed = order(&diner, changed(cash(&kitchen, 6), at_six)).await;

    fixture.cook(&[kitchen.id], 3).await;
    fixture.clock.advance(Duration::from_secs(6 * 60 * 60 - 3 - 27));
    fixture.cook(&[kitchen.id], 1).await;
    let early = status(&diner, &placed).await;
    fixture.cook(&[kitchen.id], 1).await;
    let begun = status(&diner, &placed).await;
    fixture.cook(&[kitchen.id], 25).await;

    let order = read(&diner, &placed).await;
    assert_eq!((early, begun), (json!("accepted"), json!("preparing")));
    assert_eq!((&order["status"], &order["target_at"]), (&json!("delivered"), &json!("2026-03-02T18:00:00Z")));
    assert_eq!(order["timeline"][4]["at"], order["target_at"]);
}

async fn whoever_moves_an_order_by_hand_has_it_to_themselves(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let admin = fixture.client().admin(fixture.new_user());
    let mut orders = Vec::new();
    for quantity in 6..10 {
        orders.push(order(&diner, cash(&kitchen, quantity)).await);
    }
    let by_hand = async |client: &Client, order: usize, step: &str| {
        let body = if step == "/delay" { json!({ "minutes": 10 }) } else { json!({}) };
        assert_eq!(client.post(&path(&orders[order], step), body).await.status, 200, "{step}");
    };

    fixture.cook(&[kitchen.id], 2).await;
    by_hand(&owner, 0, "/accept").await;
    fixture.cook(&[kitchen.id], 1).await;
    by_hand(&admin, 1, "/prepare").await;
    by_hand(&owner, 2, "/delay").await;
    fixture.cook(&[kitchen.id], 60).await;
    let mut left = Vec::new();
    for order in &orders {
        left.push(status(&diner, order).await);
    }
    by_hand(&owner, 0, "/dispatch").await;
    fixture.cook(&[kitchen.id], 60).await;

    assert_eq!(json!(left), json!(["accepted", "preparing", "accepted", "delivered"]));
    assert_eq!(status(&diner, &orders[0]).await, "on_the_way");
}

async fn one_of_twenty_orders_is_turned_down_and_never_the_first_of_a_restaurant(fixture: Fixture) {
    let (diner, cipa, liman) = (fixture.diner().await, fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    let kitchens = [cipa.id, liman.id];
    let mut orders = Vec::new();
    for number in 0..39 {
        orders.push(order(&diner, cash(&cipa, 6 + number)).await);
    }
    orders.push(order(&diner, cash(&liman, 6)).await);

    fixture.cook(&kitchens, 3).await;

    assert_eq!((&orders[19]["id"], &orders[39]["id"]), (&json!(20), &json!(40)));
    for (number, order) in (1..).zip(&orders) {
        let order = read(&diner, order).await;
        let expected = if number == 20 { ("rejected", json!("too_busy")) } else { ("accepted", Value::Null) };
        assert_eq!((&order["status"], &order["reason"]), (&json!(expected.0), &expected.1), "{number}");
    }
}

async fn a_card_is_charged_when_the_kitchen_accepts(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let placed = order(&diner, changed(cash(&kitchen, 6), json!({ "payment_method": "credit_card" }))).await;

    fixture.cook(&[kitchen.id], 2).await;
    let before = read(&diner, &placed).await["payment"]["status"].clone();
    fixture.cook(&[kitchen.id], 2).await;
    let accepted = read(&diner, &placed).await;
    fixture.cook(&[kitchen.id], 30).await;

    assert_eq!((before, &accepted["status"]), (json!("authorised"), &json!("accepted")));
    let payment = &accepted["payment"];
    assert_eq!((&payment["status"], &payment["captured"]), (&json!("captured"), &json!(222.9)));
    assert_eq!(status(&diner, &placed).await, "delivered");
}

async fn a_card_that_gives_no_money_after_all_stops_the_kitchen(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let card = json!({ "payment_method": "credit_card", "payment": { "token": "capture_fails" } });
    let placed = order(&diner, changed(cash(&kitchen, 6), card)).await;

    fixture.cook(&[kitchen.id], 60).await;

    let order = read(&diner, &placed).await;
    assert_eq!((&order["status"], &order["reason"]), (&json!("cancelled"), &json!("payment_refused")));
}

async fn kitchens_of_several_processes_make_one_step(fixture: Fixture) {
    let events = Recorded::<OrderChanged>::of(&fixture.context).await;
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let placed = order(&diner, cash(&kitchen, 6)).await;
    let others = join_all((0..3).map(|_| fixture.another_process())).await;

    for seconds in [3, 5, 10, 15] {
        fixture.clock.advance(Duration::from_secs(seconds));
        let restaurants = [kitchen.id];
        let all = others.iter().chain([&fixture]).map(|it| actions::work_kitchens(&it.carts, &restaurants));
        join_all(all).await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
    }

    let order = read(&diner, &placed).await;
    assert_eq!((&order["status"], order["timeline"].as_array().unwrap().len()), (&json!("delivered"), 5));
    assert_eq!((events.take().await.len(), mails.take().await.len()), (5, 5));
}

/// More than one check moves, and none of them keeps the check from others.
async fn many_orders_move_on_though_others_are_left_to_people(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    for quantity in 6..61 {
        let taken = order(&diner, cash(&kitchen, quantity)).await;
        owner.post(&path(&taken, "/accept"), json!({})).await;
    }
    let placed = order(&diner, cash(&kitchen, 61)).await;

    fixture.cook(&[kitchen.id], 33).await;

    assert_eq!(status(&diner, &placed).await, "delivered");
}

async fn orders_of_other_restaurants_are_left_alone(fixture: Fixture) {
    let (diner, cipa, liman) = (fixture.diner().await, fixture.kitchen("Çıpa").await, fixture.kitchen("Liman").await);
    let placed = order(&diner, cash(&liman, 6)).await;

    fixture.cook(&[cipa.id], 60).await;

    assert_eq!(status(&diner, &placed).await, "placed");
}

async fn without_kitchens_nothing_moves(fixture: Fixture) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let placed = order(&diner, cash(&kitchen, 6)).await;
    let has_kitchens = async |demo_kitchens: Vec<RestaurantId>| {
        let service = build(fixture.context.clone(), Settings { demo_kitchens }).await.unwrap();
        service.tasks.iter().any(|task| task.name == "demo kitchens")
    };

    fixture.cook(&[], 60).await;

    assert_eq!(status(&diner, &placed).await, "placed");
    assert_eq!((has_kitchens(Vec::new()).await, has_kitchens(vec![kitchen.id]).await), (false, true));
}
