//! What a topic refuses harms no other topic, and no event that it would take.

use std::time::Duration;

use contracts::Event;
use contracts::schemars::{self, JsonSchema};
use database::Database;
use serde::{Deserialize, Serialize};

use super::topic::Topic;
use super::{Numbered, Running, pending, places, record};
use crate::dead_letters::{self, Filter, Scope, Slice};
use crate::outbox;

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_refuses_holds_up_no_other_and_gets_its_events_in_order_later() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        topic.state().refusing = true;
        record(&database, 0..6).await;
        let relay = Running::start(&database, &topic);
        shout(&database, 100..105).await;
        topic.holds(100..105).await;
        eventually(|| topic.state().refusals.contains(Numbered::TOPIC)).await;
        record(&database, 6..9).await;
        shout(&database, 105..110).await;
        topic.holds(105..110).await;
        let (while_refused, held) = (topic.numbers(), pending(&database).await);

        topic.state().refusing = false;
        topic.holds(0..9).await;
        record(&database, 9..12).await;
        topic.holds(9..12).await;
        nothing_pends(&database).await;
        relay.stop().await;

        assert!(while_refused.iter().filter(|number| **number >= 100).count() <= 15, "sent again once at most");
        assert!(while_refused.iter().all(|number| *number >= 100));
        assert!(held >= 6, "what is held is counted: {held}");
        let relayed: Vec<u32> = topic.first_copies().into_iter().filter(|number| *number < 100).collect();
        assert_eq!(relayed, (0..12).collect::<Vec<_>>());
        assert!(topic.state().refusals.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_sent_by_the_next_relay() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        topic.state().refusing = true;
        record(&database, 0..6).await;
        let relay = Running::start(&database, &topic);
        eventually(|| topic.state().refusals.contains(Numbered::TOPIC)).await;
        relay.stop().await;

        record(&database, 6..9).await;
        topic.state().refusing = false;
        let relay = Running::start(&database, &topic);
        topic.holds(0..9).await;
        nothing_pends(&database).await;
        relay.stop().await;

        assert_eq!(topic.first_copies(), (0..9).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_refused_in_company_is_buried_only_if_it_is_refused_alone() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        topic.state().refused_in_company = [3, 4].into();
        topic.state().refused_alone = [4].into();
        record(&database, 0..10).await;

        let relay = Running::start(&database, &topic);
        topic.holds((0..10).filter(|number| *number != 4)).await;
        nothing_pends(&database).await;
        relay.stop().await;

        assert_eq!(topic.first_copies(), (0..10).filter(|number| *number != 4).collect::<Vec<_>>());
        assert_eq!(letters(&database).await, 1);
    }
}

/// A turn that ends before its time has stored what was acknowledged in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_fault_is_not_sent_again() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        record(&database, 0..30).await;
        topic.state().breaks_at = vec![20];

        let relay = Running::start(&database, &topic);
        topic.holds(0..30).await;
        relay.stop().await;

        assert_eq!(topic.numbers(), (0..30).collect::<Vec<_>>());
    }
}

async fn shout(database: &Database, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let tx = database.begin_write().await.unwrap();
        outbox::record(&tx, &Shouted(Numbered { key: (number % 3).to_string(), number })).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn letters(database: &Database) -> usize {
    let slice = Slice { after: None, limit: 10 };
    dead_letters::list(database, &Filter::default(), Scope::All, slice).await.unwrap().len()
}

async fn nothing_pends(database: &Database) {
    let copied = async {
        while pending(database).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), copied).await.expect("all of it is done with");
}

async fn eventually(is_so: impl Fn() -> bool) {
    let becomes_so = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), becomes_so).await.expect("it becomes so");
}

/// The same on another topic.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Shouted(Numbered);

impl Event for Shouted {
    const TOPIC: &'static str = "test_shouted";
    const TYPE: &'static str = "test.shouted.v1";

    fn key(&self) -> String {
        self.0.key.clone()
    }
}
