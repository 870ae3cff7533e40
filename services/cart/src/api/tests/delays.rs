//! Orders that take longer than was said.

use std::time::Duration;

use contracts::{EmailEvent, OrderChange};
use futures_util::future::join_all;
use kit::on_every_database;
use kit::testing::{Answer, Client, Recorded};
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    a_delay_that_comes_twice_is_one,
    an_equal_delay_is_a_repeat_for_half_a_minute_and_answered_with_what_the_order_is,
    delays_with_keys_of_their_own_are_as_many,
}

/// Who runs a kitchen, and an order there that is accepted, for 12:25.
async fn accepted(fixture: &Fixture) -> (Client, String) {
    let (diner, kitchen) = (fixture.diner().await, fixture.kitchen("Çıpa").await);
    let owner = fixture.client().manager(kitchen.catalog.owner_id);
    let body = json!({ "payment_method": "cash", "items": [{ "meal_id": kitchen.ayran, "quantity": 6 }] });
    let id = diner.post("/carts/checkout", body).await.json()["public_id"].as_str().unwrap().to_owned();
    owner.post(&format!("/carts/orders/{id}/accept"), json!({})).await;
    (owner, id)
}

async fn delay(owner: &Client, id: &str, minutes: Value) -> Answer {
    owner.post(&format!("/carts/orders/{id}/delay"), json!({ "minutes": minutes })).await
}

async fn mails(mails: &Recorded<EmailEvent>) -> usize {
    let orders = mails.take().await.into_iter().filter_map(|mail| mail.message.order().cloned());
    orders.filter(|order| order.change == OrderChange::Delayed).count()
}

/// A double click sends it twice at once, and an answer that was lost is sent again.
async fn a_delay_that_comes_twice_is_one(fixture: Fixture) {
    let sent = Recorded::<EmailEvent>::of(&fixture.context).await;
    let (owner, id) = accepted(&fixture).await;

    let twice = join_all([(); 2].map(|()| delay(&owner, &id, json!(10)))).await;
    let again = delay(&owner, &id, json!(10)).await;
    let other = delay(&owner, &id, json!(15)).await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    let later = delay(&owner, &id, json!(10)).await;

    let replayed = twice.iter().filter(|answer| answer.headers.contains_key("idempotent-replayed")).count();
    assert_eq!((replayed, again.header("idempotent-replayed")), (1, "true"));
    let targets = [&twice[0], &twice[1], &again, &other, &later].map(|answer| answer.json()["target_at"].clone());
    assert_eq!(
        targets,
        ["12:35", "12:35", "12:35", "12:50", "13:00"].map(|time| json!(format!("2026-03-02T{time}:00Z")))
    );
    assert_eq!(mails(&sent).await, 3);
}

async fn an_equal_delay_is_a_repeat_for_half_a_minute_and_answered_with_what_the_order_is(fixture: Fixture) {
    let (owner, id) = accepted(&fixture).await;

    let first = delay(&owner, &id, json!(10)).await;
    fixture.clock.advance(Duration::from_secs(10));
    owner.post(&format!("/carts/orders/{id}/prepare"), json!({})).await;
    fixture.clock.advance(Duration::from_millis(19_999));
    let again = delay(&owner, &id, json!(10)).await;
    fixture.clock.advance(Duration::from_millis(1));
    let later = delay(&owner, &id, json!(10)).await;

    let answers = [&first, &again, &later];
    assert_eq!(answers.map(|answer| answer.headers.contains_key("idempotent-replayed")), [false, true, false]);
    let seen = answers.map(|answer| {
        let order = answer.json();
        (order["status"].clone(), order["target_at"].clone())
    });
    let expected = [("accepted", "12:35"), ("preparing", "12:35"), ("preparing", "12:45")];
    assert_eq!(seen, expected.map(|(status, time)| (json!(status), json!(format!("2026-03-02T{time}:00Z")))));
}

async fn delays_with_keys_of_their_own_are_as_many(fixture: Fixture) {
    let (owner, id) = accepted(&fixture).await;
    let keyed = |key: &str| owner.with_header("idempotency-key", key);

    let first = delay(&keyed("one"), &id, json!(10)).await;
    let again = delay(&keyed("one"), &id, json!(10)).await;
    let second = delay(&keyed("two"), &id, json!(10)).await;
    let reused = delay(&keyed("two"), &id, json!(20)).await;
    let wrong = delay(&keyed("three"), &id, json!(4)).await;

    assert_eq!((first.status, first.json()), (again.status, again.json()));
    assert_eq!(second.json()["target_at"], "2026-03-02T12:45:00Z");
    assert_eq!((reused.status, reused.code(), wrong.status), (422, "IDEMPOTENCY_KEY_REUSED".to_owned(), 422));
}
