//! Members come and go while events flow: each has its effect once, in the order of its key.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Consumer, HearError, Heard, Hears};
use clock::Sources;
use database::WriteTransaction;

use crate::support::{Noted, Noter, Process, eventually, fresh_prefix, kafka, noter, open, shared};

const EVENTS: u32 = 600;
const KEYS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_and_go_double_nothing_and_keep_the_order() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let first = Process::start(described(&brokers, &prefix, "first"), vec![noter()]).await;

    for number in 0..EVENTS / 3 {
        first.note(&key(number), number).await;
    }
    let second = Process::beside(&first, described(&brokers, &prefix, "second"), vec![noter()]).await;
    for number in EVENTS / 3..EVENTS * 2 / 3 {
        first.note(&key(number), number).await;
    }
    second.wait_for_notes(EVENTS as usize / 2).await;
    first.stop().await;
    for number in EVENTS * 2 / 3..EVENTS {
        second.note(&key(number), number).await;
    }
    second.wait_for_notes(EVENTS as usize).await;
    let second = second.idle().await;

    assert_eq!(second.notes().await.len(), EVENTS as usize, "nothing is doubled");
    for first in 0..KEYS {
        let expected: Vec<u32> = (0..EVENTS).filter(|number| number % KEYS == first).collect();
        assert_eq!(second.notes_of(&key(first)).await, expected);
    }
    second.stop().await;
}

/// Its events go back to where they were taken from, so that the group need not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_whose_database_takes_nothing_lets_others_join() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let first =
        Process::over(described(&brokers, &prefix, "first"), vec![noter()], open(&folder).await, folder.clone());
    let first = first.await;
    let writer = Process::start(described(&brokers, &prefix, "writer"), Vec::new()).await;
    writer.note("a", 0).await;
    first.wait_for_notes(1).await;

    let locked = open(&folder).await.begin_write().await.unwrap();
    for number in 1..=EVENTS_OF_ALL_PARTITIONS {
        writer.note(&key(number), number).await;
    }
    let second = Process::start(described(&brokers, &prefix, "second"), vec![noter()]).await;
    eventually(async || !second.notes().await.is_empty()).await;
    drop(locked);
    let all = EVENTS_OF_ALL_PARTITIONS as usize + 1;
    eventually(async || first.notes().await.len() + second.notes().await.len() >= all).await;

    assert_eq!(first.notes().await.len() + second.notes().await.len(), all, "nothing is doubled");
    for process in [first, second, writer] {
        process.stop().await;
    }
}

/// It asks its source again long before it has worked off what it was given.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_hears_slowly_lets_others_join() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let slow = Consumer::named("noter").hears::<Noted>(Slow);
    let first = Process::start(described(&brokers, &prefix, "first"), vec![slow]).await;
    let writer = Process::start(described(&brokers, &prefix, "writer"), Vec::new()).await;
    writer.note("a", 0).await;
    first.wait_for_notes(1).await;

    for number in 1..=MINUTES_OF_WORK {
        writer.note(&key(number), number).await;
    }
    first.wait_for_notes(2).await;
    let second = Process::start(described(&brokers, &prefix, "second"), vec![noter()]).await;
    eventually(async || !second.notes().await.is_empty()).await;

    for process in [first, second, writer] {
        process.stop().await;
    }
}

/// Enough for some in each of a few partitions.
const EVENTS_OF_ALL_PARTITIONS: u32 = 24;
/// So many events that take [`Slow`] longer than a test waits for anything.
const MINUTES_OF_WORK: u32 = 200;

/// Hears one event a second.
struct Slow;

#[async_trait]
impl Hears<Noted> for Slow {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Noted>) -> Result<(), HearError> {
        Sources::system().sleep(Duration::from_secs(1)).await;
        Noter.hear(tx, heard).await
    }
}

fn described(brokers: &str, prefix: &str, instance: &str) -> bus::Kafka {
    bus::Kafka { instance: instance.to_owned(), ..kafka(brokers, prefix, 6) }
}

fn key(number: u32) -> String {
    (number % KEYS).to_string()
}
