//! The lag of consumers, where it can't be read.

use bus::{Bus, BusUrl};
use contracts::Event;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use testkit::Warnings;

use crate::support::{Noted, Process, eventually, fresh_prefix, kafka, noter, open, plain_client, shared};

#[tokio::test]
async fn a_topic_that_nobody_has_made_yet_is_nothing_to_warn_of() {
    let Some(brokers) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder).await;
    let url = BusUrl::Kafka(Box::new(kafka(&brokers, &fresh_prefix(), 1)));
    let bus = Bus::open(&url, database, vec![noter()]).await.unwrap();
    let warnings = Warnings::start();

    let is_known = lag_is_known(&bus).await;

    assert!(!is_known);
    assert!(warnings.take().is_empty());
}

#[tokio::test]
async fn a_topic_that_is_gone_is_warned_of_once() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let topic = format!("{prefix}{}", Noted::TOPIC);
    let process = Process::start(kafka(&brokers, &prefix, 1), vec![noter()]).await;
    process.note("a", 1).await;
    process.wait_for_notes(1).await;
    let process = process.stop().await;
    let admin: AdminClient<DefaultClientContext> = plain_client(&brokers).create().unwrap();
    admin.delete_topics(&[&topic], &AdminOptions::new()).await.unwrap();
    let warnings = Warnings::start();

    eventually(async || !lag_is_known(&process.bus).await).await;
    for _ in 0..2 {
        assert!(!lag_is_known(&process.bus).await);
    }

    assert_eq!(warnings.take(), ["the lag of a consumer can't be read"]);
}

async fn lag_is_known(bus: &Bus) -> bool {
    let status = bus.status().await.unwrap();
    let noted = status.topics.iter().find(|topic| topic.topic == Noted::TOPIC).unwrap();
    noted.consumers.iter().all(|consumer| consumer.lag.is_some())
}
