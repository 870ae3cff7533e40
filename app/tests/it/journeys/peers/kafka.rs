//! Clients of Kafka that know nothing of ours.

use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{Servers, TIMEOUT, in_time, logs};

/// Writes `value` as a producer of the first platform does: no headers, and a key.
pub(super) async fn write(servers: &Servers, topic: &str, key: &str, value: &str) {
    let producer: FutureProducer = client(servers).create().unwrap();
    producer.send(FutureRecord::to(&servers.topic(topic)).key(key).payload(value), TIMEOUT).await.unwrap();
}

/// The value of the first message with this key.
pub(super) async fn read(servers: &Servers, topic: &str, key: &str) -> String {
    let topic = servers.topic(topic);
    let mut config = client(servers);
    config.set("group.id", format!("{topic}-peer")).set("auto.offset.reset", "earliest");
    let consumer: StreamConsumer = config.create().unwrap();
    consumer.subscribe(&[&topic]).unwrap();
    let found = async {
        loop {
            let message = match consumer.recv().await {
                // The topic is being made.
                Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnknownTopicOrPartition) => continue,
                received => received.unwrap().detach(),
            };
            if message.key() == Some(key.as_bytes()) {
                return text(&message);
            }
        }
    };
    in_time("the message is read", found).await
}

fn client(servers: &Servers) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers.brokers());
    config
}

fn text(message: &OwnedMessage) -> String {
    let text = String::from_utf8(message.payload().unwrap().to_vec()).unwrap();
    logs::remember_tokens(&text);
    text
}
