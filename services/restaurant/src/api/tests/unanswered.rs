//! A restaurant that answers no orders takes a break.

use contracts::{Money, OrderActor, OrderChanged, OrderId, OrderStatus, RestaurantId, UserId};
use kit::on_every_database;
use serde_json::{Value, json};

use crate::fixture::Fixture;

on_every_database! {
    Fixture:
    after_three_orders_in_a_row_without_an_answer_a_restaurant_takes_a_break,
    a_longer_break_stays_and_what_is_gone_takes_none,
}

const UNANSWERED: (OrderStatus, OrderActor) = (OrderStatus::Rejected, OrderActor::System);

async fn hear(fixture: &Fixture, restaurant_id: RestaurantId, (status, by): (OrderStatus, OrderActor)) {
    let (now, id) = (fixture.context.now(), || fixture.context.sources.uuid());
    let event = OrderChanged {
        order_id: OrderId(id()),
        version: 2,
        status,
        previous: Some(OrderStatus::Placed),
        user_id: UserId(id()),
        restaurant_id,
        total_kurus: Money::from_kurus(8_485).unwrap(),
        by,
        reason: None,
        target_at: now,
        at: now,
    };
    fixture.hear(event).await.unwrap();
    fixture.come_to_rest().await;
}

async fn paused_until(fixture: &Fixture, path: &str) -> Value {
    fixture.client().get(&format!("{path}/hours")).await.json()["paused_until"].clone()
}

async fn after_three_orders_in_a_row_without_an_answer_a_restaurant_takes_a_break(fixture: Fixture) {
    let (_, path) = fixture.open_restaurant(json!({})).await;
    let id = fixture.restaurant(&path).await.id;
    fixture.recorded().await;
    let answers = [OrderStatus::Accepted, OrderStatus::Rejected].map(|status| (status, OrderActor::Owner));

    for answer in answers {
        for step in [UNANSWERED, UNANSWERED, (OrderStatus::Cancelled, OrderActor::Diner), answer] {
            hear(&fixture, id, step).await;
        }
    }
    let before = (paused_until(&fixture, &path).await, fixture.recorded().await.len());
    for _ in 0..3 {
        hear(&fixture, id, UNANSWERED).await;
    }
    let after = paused_until(&fixture, &path).await;
    let published = fixture.recorded().await;
    for _ in 0..2 {
        hear(&fixture, id, UNANSWERED).await;
    }

    assert_eq!((before, &after), ((Value::Null, 0), &json!("2026-03-02T12:30:00Z")));
    let breaks: Vec<_> = published.iter().map(|event| event.catalog.as_ref().unwrap().paused_until).collect();
    assert_eq!(json!(breaks), json!([after]));
    assert_eq!(fixture.recorded().await.len(), 0);
}

async fn a_longer_break_stays_and_what_is_gone_takes_none(fixture: Fixture) {
    let (manager, path) = fixture.open_restaurant(json!({})).await;
    let id = fixture.restaurant(&path).await.id;
    let until = json!({ "until": "2026-03-02T14:00:00Z" });
    assert_eq!(manager.client.put(&format!("{path}/pause"), until).await.status, 200);

    for _ in 0..3 {
        hear(&fixture, id, UNANSWERED).await;
    }
    let after = paused_until(&fixture, &path).await;
    manager.client.delete(&path).await;
    for _ in 0..3 {
        hear(&fixture, id, UNANSWERED).await;
        hear(&fixture, RestaurantId(fixture.context.sources.uuid()), UNANSWERED).await;
    }

    assert_eq!(after, "2026-03-02T14:00:00Z");
    assert_eq!(fixture.client().get(&path).await.status, 404);
}
