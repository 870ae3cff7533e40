//! Where a group begins that has read nothing yet.

use bus::OffsetReset;
use contracts::Event;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{DEADLINE, Noted, Process, eventually, fresh_prefix, kafka, noter, plain_client, shared};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_takes_what_comes_next_leaves_nothing_out_while_its_members_are_away() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let topic = format!("{prefix}{}", Noted::TOPIC);
    let settings = || bus::Kafka { offset_reset: OffsetReset::Latest, ..kafka(&brokers, &prefix, 3) };
    let admin: AdminClient<DefaultClientContext> = plain_client(&brokers).create().unwrap();
    let three = NewTopic::new(&topic, 3, TopicReplication::Fixed(1));
    admin.create_topics([&three], &AdminOptions::new()).await.unwrap();
    write(&brokers, &topic, (0, 100)).await;
    let process = Process::start(settings(), vec![noter()]).await;
    eventually(async || {
        write(&brokers, &topic, (0, 1)).await;
        !process.notes().await.is_empty()
    })
    .await;
    assert!(process.notes().await.iter().all(|note| note.1 == 1), "it begins with what comes next");
    let process = process.idle().await.stop().await;

    for partition in 0..3 {
        write(&brokers, &topic, (partition, 2)).await;
    }
    admin.create_partitions(&[NewPartitions::new(&topic, 4)], &AdminOptions::new()).await.unwrap();
    write(&brokers, &topic, (3, 2)).await;
    let again = Process::beside(&process, settings(), vec![noter()]).await;
    let heard = async || again.notes().await.iter().filter(|note| note.1 == 2).count();
    eventually(async || heard().await >= 4).await;

    assert_eq!(heard().await, 4);
    again.stop().await;
}

/// Returns when it is written; a partition that was made just now is not known at once.
async fn write(brokers: &str, topic: &str, (partition, number): (i32, u32)) {
    let payload = format!(r#"{{"key":"a","number":{number}}}"#);
    eventually(async || {
        let producer: FutureProducer = plain_client(brokers).create().unwrap();
        let record = FutureRecord::to(topic).key("a").payload(&payload).partition(partition);
        producer.send(record, DEADLINE).await.is_ok()
    })
    .await;
}
