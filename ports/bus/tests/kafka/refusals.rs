//! A topic that does not take its events harms no other, and events that it takes alone arrive though it refuses their batch.

use std::num::NonZeroU32;

use bus::dead_letters::{self, Filter, Scope, Slice};
use bus::{Transport, outbox};
use contracts::{EmailEvent, Event, MailMessage, Secret};
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use testkit::servers::kafka::KafkaServer;
use testkit::servers::{kafka_tools, shared as servers};

use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, noter, plain_client, shared};

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_refuses_its_events_holds_up_no_other_and_is_reported() {
    if !servers::are_wanted() {
        return;
    }
    let (folder, prefix) = (tempfile::tempdir().unwrap(), fresh_prefix());
    let server = KafkaServer::start(folder.path()).await.unwrap();
    let [noted, mails] = [Noted::TOPIC, EmailEvent::TOPIC].map(|topic| format!("{prefix}{topic}"));
    let process = Process::start(kafka(&server.brokers(), &prefix, 1), vec![noter()]).await;
    process.note("a", 0).await;
    process.wait_for_notes(1).await;

    kafka_tools::refuse_writes(&server, &noted).await.unwrap();
    process.note("a", 1).await;
    for number in 0..5 {
        process.record(&mail(number)).await;
    }
    let flaw = format!("the topic {noted} refuses events, which wait: ");
    process
        .wait_for_transport(|transport| matches!(transport, Transport::Flawed(reason) if reason.contains(&flaw)))
        .await;
    process.note("a", 2).await;
    eventually(async || depth(&process, EmailEvent::TOPIC).await == 0).await;
    let before = records(&server.brokers(), &mails);
    for number in 5..10 {
        process.record(&mail(number)).await;
    }
    eventually(async || records(&server.brokers(), &mails) >= before + 5).await;
    let while_refused = records(&server.brokers(), &mails);
    // One that is held counts twice until the checkpoint is behind it.
    eventually(async || depth(&process, Noted::TOPIC).await == 2).await;

    kafka_tools::accept_writes(&server, &noted).await.unwrap();
    process.note("a", 3).await;
    process.wait_for_notes(4).await;
    process.wait_for_transport(|transport| *transport == Transport::Up).await;
    process.note("a", 4).await;
    process.wait_for_notes(5).await;

    assert!(
        (5..=10).contains(&before),
        "what is sent beside a refusal is sent again once at most, and not each second: {before}"
    );
    assert_eq!(while_refused, before + 5);
    assert_eq!(process.notes_of("a").await, [0, 1, 2, 3, 4]);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_takes_short_batches_alone_gets_all_that_fits_and_the_rest_is_buried() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let topic = format!("{prefix}{}", Noted::TOPIC);
    let admin: AdminClient<DefaultClientContext> = plain_client(&brokers).create().unwrap();
    let process = Process::start(kafka(&brokers, &prefix, 1), vec![noter()]).await;
    process.note("a", 0).await;
    process.wait_for_notes(1).await;
    // Nobody has told the relay, which has asked already.
    let short = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("max.message.bytes", "4096");
    admin.alter_configs([&short], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();

    burst(&process, 1..400).await;
    process.note(&"b".repeat(6_000), 1_000).await;
    burst(&process, 400..600).await;
    process.wait_for_notes(600).await;

    let slice = Slice { after: None, limit: 10 };
    eventually(async || depth(&process, Noted::TOPIC).await == 0).await;
    let letters = dead_letters::list(&process.database, &Filter::default(), Scope::All, slice).await.unwrap();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(process.notes_of("a").await, (0..600).collect::<Vec<_>>());
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_cannot_be_made_are_reported_and_hold_up_no_other() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let [noted, mails] = [Noted::TOPIC, EmailEvent::TOPIC].map(|topic| format!("{prefix}{topic}"));
    let admin: AdminClient<DefaultClientContext> = plain_client(&brokers).create().unwrap();
    let one = NewTopic::new(&noted, 1, TopicReplication::Fixed(1));
    admin.create_topics([&one], &AdminOptions::new()).await.unwrap();
    let mut kafka = kafka(&brokers, &prefix, 1);
    // There is one broker.
    kafka.topics.replication = NonZeroU32::new(3).unwrap();

    let process = Process::start(kafka, vec![noter()]).await;
    process.note("a", 0).await;
    process.wait_for_notes(1).await;

    let flaw = format!("the topic {mails} can't be made: ");
    let is_reported = |transport: &Transport| {
        assert!(!matches!(transport, Transport::Away { .. }), "a broker that refuses is there: {transport:?}");
        matches!(transport, Transport::Flawed(reason) if reason.contains(&flaw))
    };
    process.wait_for_transport(is_reported).await;
    process.stop().await;
}

async fn burst(process: &Process, numbers: std::ops::Range<u32>) {
    let tx = process.database.begin_write().await.unwrap();
    for number in numbers {
        outbox::record(&tx, &Noted::new("a", number)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn depth(process: &Process, topic: &str) -> u64 {
    let topics = process.bus.status().await.unwrap().topics;
    topics.iter().find(|status| status.topic == topic).map_or(0, |status| status.depth)
}

/// How many records stand in the one partition of `topic`.
fn records(brokers: &str, topic: &str) -> i64 {
    let client: BaseConsumer = plain_client(brokers).create().unwrap();
    client.fetch_watermarks(topic, 0, DEADLINE).unwrap().1
}

fn mail(number: u32) -> EmailEvent {
    let message = MailMessage::Verification { token: Secret::new("a token"), asked: contracts::Asked::default() };
    EmailEvent { to: format!("user{number}@example.com").parse().unwrap(), locale: contracts::Locale::Tr, message }
}
