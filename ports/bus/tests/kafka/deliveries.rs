//! What the bus reports about Kafka: how far consumers are, and topics that are not as they were asked for.

use std::collections::BTreeSet;

use bus::{Bus, BusUrl, Transport};
use clock::{Sources, Timestamp};
use contracts::Event;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};
use testkit::servers::kafka::KafkaServer;
use testkit::servers::shared as servers;

use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, noter, plain_client, shared};

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_too_few_partitions_is_reported_and_left_as_it_is() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let topic = format!("{prefix}{}", Noted::TOPIC);
    let admin: AdminClient<DefaultClientContext> = plain_client(&brokers).create().unwrap();
    let two = NewTopic::new(&topic, 2, TopicReplication::Fixed(1));
    admin.create_topics([&two], &AdminOptions::new()).await.unwrap();

    let process = Process::start(kafka(&brokers, &prefix, 6), vec![noter()]).await;
    process.note("a", 1).await;
    process.wait_for_notes(1).await;

    let flaw = format!("the topic {topic} has 2 partitions where 6 were asked for");
    process
        .wait_for_transport(|transport| matches!(transport, Transport::Flawed(reason) if reason.contains(&flaw)))
        .await;
    let metadata = admin.inner().fetch_metadata(Some(&topic), DEADLINE).unwrap();
    assert_eq!(metadata.topics()[0].partitions().len(), 2);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_reads_sees_how_far_the_others_are() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let process = Process::start(kafka(&brokers, &prefix, 3), vec![noter()]).await;
    for number in 0..10 {
        process.note(&number.to_string(), number).await;
    }
    process.wait_for_notes(10).await;
    let process = process.idle().await;
    let observed = async || {
        let url = BusUrl::Kafka(Box::new(kafka(&brokers, &prefix, 3)));
        let bus = Bus::open(&url, process.database.clone(), Vec::new()).await.unwrap();
        let status = bus.status().await.unwrap();
        let topic = status.topics.into_iter().find(|topic| topic.topic == Noted::TOPIC).unwrap();
        (topic.depth, topic.consumers[0].lag.map(|lag| (lag.records, lag.seconds)))
    };

    // How far a group has come is committed to Kafka a moment later.
    eventually(async || observed().await == (0, Some((0, 0.0)))).await;
    let process = process.stop().await;
    let hour_ago = chrono::DateTime::from_timestamp_millis(Sources::system().now().timestamp_millis() - 3_600_000);
    write(&brokers, &format!("{prefix}{}", Noted::TOPIC), hour_ago.unwrap()).await;
    write(&brokers, &format!("{prefix}{}", Noted::TOPIC), Sources::system().now()).await;
    let bus = Bus::open(&BusUrl::Kafka(Box::new(kafka(&brokers, &prefix, 3))), process.database.clone(), Vec::new())
        .await
        .unwrap();
    let status = bus.status().await.unwrap();
    let topic = status.topics.into_iter().find(|topic| topic.topic == Noted::TOPIC).unwrap();

    let lag = topic.consumers[0].lag.unwrap();
    assert_eq!((topic.depth, lag.records), (0, 2));
    assert!((3_600.0..3_660.0).contains(&lag.seconds), "{topic:?}");
}

/// It is asked each second in every process, about what is read elsewhere too.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_how_far_the_others_are_keeps_its_connections() {
    if !servers::are_wanted() {
        return;
    }
    let (folder, prefix) = (tempfile::tempdir().unwrap(), fresh_prefix());
    let server = KafkaServer::start(folder.path()).await.unwrap();
    let process = Process::start(kafka(&server.brokers(), &prefix, 3), vec![noter()]).await;
    process.note("a", 0).await;
    process.wait_for_notes(1).await;
    let process = process.idle().await.stop().await;
    write(&server.brokers(), &format!("{prefix}{}", Noted::TOPIC), Sources::system().now()).await;
    let url = BusUrl::Kafka(Box::new(kafka(&server.brokers(), &prefix, 3)));
    let bus = Bus::open(&url, process.database.clone(), Vec::new()).await.unwrap();
    let lag = async || {
        let status = bus.status().await.unwrap();
        let topic = status.topics.into_iter().find(|topic| topic.topic == Noted::TOPIC).unwrap();
        topic.consumers[0].lag.map(|lag| lag.records)
    };
    eventually(async || lag().await == Some(1)).await;
    assert_eq!(lag().await, Some(1));
    let before = sockets(&server.brokers());

    for _ in 0..10 {
        assert_eq!(lag().await, Some(1));
    }

    let opened = sockets(&server.brokers()).difference(&before).count();
    assert!(!before.is_empty() && opened < 5, "{opened} connections were opened besides {}", before.len());
}

/// Our ends of the connections to `brokers`, those too that were closed a short while ago.
fn sockets(brokers: &str) -> BTreeSet<String> {
    let port: u16 = brokers.rsplit(':').next().unwrap().parse().unwrap();
    let theirs = format!(":{port:04X}");
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap());
    let connections = tables.iter().flat_map(|table| table.lines()).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (ours, other) = (fields.next()?, fields.next()?);
        other.ends_with(&theirs).then(|| ours.to_owned())
    });
    connections.collect()
}

/// Writes an event that was recorded at `time`, where nobody reads any more.
async fn write(brokers: &str, topic: &str, time: Timestamp) {
    let producer: FutureProducer = plain_client(brokers).create().unwrap();
    let record = FutureRecord::to(topic).key("a").payload("{}").timestamp(time.timestamp_millis());
    producer.send(record, DEADLINE).await.unwrap();
}
