//! What the bus tells about Kafka: how far consumers are, and topics that are not as they were asked for.

use bus::{Bus, BusUrl, Transport};
use clock::{Sources, Timestamp};
use contracts::Event;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, noter, plain_client, shared};

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_too_few_partitions_is_told_and_left_as_it_is() {
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
    process.wait_for_transport(|transport| matches!(transport, Transport::Flawed(told) if told.contains(&flaw))).await;
    let metadata = admin.inner().fetch_metadata(Some(&topic), DEADLINE).unwrap();
    assert_eq!(metadata.topics()[0].partitions().len(), 2);
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_looks_sees_how_far_the_others_are() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let process = Process::start(kafka(&brokers, &prefix, 3), vec![noter()]).await;
    for number in 0..10 {
        process.note(&number.to_string(), number).await;
    }
    process.wait_for_notes(10).await;
    let process = process.idle().await;
    let onlooker = async || {
        let url = BusUrl::Kafka(Box::new(kafka(&brokers, &prefix, 3)));
        let bus = Bus::open(&url, process.database.clone(), Vec::new()).await.unwrap();
        let status = bus.status().await.unwrap();
        let topic = status.topics.into_iter().find(|topic| topic.topic == Noted::TOPIC).unwrap();
        (topic.depth, topic.consumers[0].lag.map(|lag| (lag.records, lag.seconds)))
    };

    // Kafka is told how far a group has come a moment after it has.
    eventually(async || onlooker().await == (0, Some((0, 0.0)))).await;
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

/// Writes an event that was recorded at `time`, where nobody reads any more.
async fn write(brokers: &str, topic: &str, time: Timestamp) {
    let producer: FutureProducer = plain_client(brokers).create().unwrap();
    let record = FutureRecord::to(topic).key("a").payload("{}").timestamp(time.timestamp_millis());
    producer.send(record, DEADLINE).await.unwrap();
}
