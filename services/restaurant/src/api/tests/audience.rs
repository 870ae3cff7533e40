//! How many follow a restaurant, in whatever order that is heard.

use contracts::{AudienceCounted, RestaurantId};
use kit::on_every_database;
use kit::testing::heard;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use bus::Hears as _;

use crate::events::Listener;
use crate::fixture::{Fixture, Manager};
use crate::store;

on_every_database! {
    Fixture:
    the_newest_count_is_shown_in_whatever_order_counts_come,
    a_count_that_comes_late_brings_nothing_of_a_deleted_restaurant_back,
    counts_end_alike_in_a_thousand_orders,
}

/// Of that minute: the larger it is, the more follow.
fn counted(restaurant_id: RestaurantId, minute: u64) -> AudienceCounted {
    AudienceCounted {
        restaurant_id,
        followers: Some(100 + minute),
        consenting: minute.is_multiple_of(2).then_some(10 + minute),
        counted_at: format!("2026-03-02T11:{minute:02}:00Z").parse().unwrap(),
    }
}

fn id(path: &str) -> RestaurantId {
    path.trim_start_matches("/restaurants/").parse().unwrap()
}

async fn shown(meral: &Manager, path: &str) -> [Value; 3] {
    let body = json!({
        "title": "Hafta sonu", "description": "Cumartesi", "start_date": "2026-03-02T13:00:00Z",
        "end_date": "2026-03-03T12:00:00Z", "restaurant_id": id(path),
    });
    let preview = meral.client.post("/campaigns/preview", body).await.json();
    ["followers", "consenting", "counted_at"].map(|field| preview["audience"][field].clone())
}

async fn the_newest_count_is_shown_in_whatever_order_counts_come(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    let (kerem, elsewhere) = fixture.open_restaurant(json!({})).await;

    for minute in [4, 6, 5, 6, 4] {
        fixture.hear(counted(id(&path), minute)).await.unwrap();
    }
    let newest = shown(&meral, &path).await;
    fixture.hear(counted(id(&path), 7)).await.unwrap();

    assert_eq!(newest, [json!(106), json!(16), json!("2026-03-02T11:06:00Z")]);
    assert_eq!(shown(&meral, &path).await, [json!(107), Value::Null, json!("2026-03-02T11:07:00Z")]);
    assert_eq!(shown(&kerem, &elsewhere).await, [Value::Null, Value::Null, Value::Null]);
}

async fn a_count_that_comes_late_brings_nothing_of_a_deleted_restaurant_back(fixture: Fixture) {
    let (meral, path) = fixture.open_restaurant(json!({})).await;
    fixture.hear(counted(id(&path), 4)).await.unwrap();
    meral.client.delete(&path).await;

    fixture.hear(counted(id(&path), 6)).await.unwrap();

    assert_eq!(store::audience::find(&fixture.context.database, id(&path)).await.unwrap(), None);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Hear(u64),
    Delete,
}

/// Counts of an hour, some of them twice, and perhaps the end of the restaurant between them.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![9 => (0..8_u64).prop_map(Step::Hear), 1 => Just(Step::Delete)];
    proptest::collection::vec(step, 1..10)
}

async fn counts_end_alike_in_a_thousand_orders(fixture: Fixture) {
    let mut runner = TestRunner::deterministic();
    let tx = fixture.context.database.begin_write().await.unwrap();
    for _ in 0..1_000 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let restaurant_id = RestaurantId(fixture.context.sources.uuid());
        for step in &steps {
            match *step {
                Step::Hear(minute) => {
                    let heard = heard(&fixture.context, counted(restaurant_id, minute));
                    Listener.hear(&tx, &heard).await.unwrap();
                }
                Step::Delete => store::audience::delete(&tx, restaurant_id).await.unwrap(),
            }
        }

        let is_deleted = steps.iter().any(|step| matches!(step, Step::Delete));
        let minutes = steps.iter().filter_map(|step| if let Step::Hear(minute) = step { Some(*minute) } else { None });
        let newest = minutes.max().filter(|_| !is_deleted).map(|minute| counted(restaurant_id, minute).into());
        assert_eq!(store::audience::find(&tx, restaurant_id).await.unwrap(), newest, "{steps:?}");
    }
}
