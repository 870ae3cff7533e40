//! The producer: writes events in the order in which they were sent, once each as long as it lives.
//!
//! It never gives an event up for the time it takes. One that could time out would be overtaken by the next of its key.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use database::Vault;
use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, PurgeConfig, ThreadedProducer};

use super::client::{self, Listener};
use super::cluster::{Cluster, blocking};
use super::envelope;
use crate::relay::{Publish, PublishError, Receipt};
use crate::source::Arrival;

/// Kafka's end of the relay.
pub(crate) struct Publisher {
    cluster: Arc<Cluster>,
    vault: Vault,
    producer: Mutex<Arc<Producer>>,
    /// What was written to besides the topics that are known by name.
    topics: Mutex<BTreeSet<String>>,
}

type Producer = ThreadedProducer<Reports>;
type Outcome = Result<(), PublishError>;

impl Publisher {
    pub(crate) fn new(cluster: Arc<Cluster>, vault: Vault) -> KafkaResult<Self> {
        let producer = Mutex::new(Arc::new(connect(&cluster)?));
        Ok(Self { cluster, vault, producer, topics: Mutex::default() })
    }

    /// Whether anything can be sent to `topic`.
    fn check(&self, producer: &Producer, topic: &str) -> Outcome {
        if producer.context().is_broken.load(Ordering::Acquire) {
            return Err(PublishError::Fatal("an event before this one was not written".to_owned()));
        }
        if !self.cluster.is_known(topic) {
            // To write into a topic that is not there would make one with as many partitions as the broker likes.
            lock(&self.topics).insert(topic.to_owned());
            producer.context().is_broken.store(true, Ordering::Release);
            return Err(PublishError::Fatal(format!("the topic {topic} is not there yet")));
        }
        Ok(())
    }
}

impl Publish for Publisher {
    fn send(&self, arrival: &Arrival, receipt: Receipt) {
        let delivery = &arrival.delivery;
        let topic = self.cluster.kafka.topics.name_of(&delivery.topic);
        let producer = Arc::clone(&lock(&self.producer));
        if let Err(error) = self.check(&producer, topic) {
            return receipt.give_back(Err(error));
        }
        let value = match delivery.payload.open(&self.vault) {
            Ok(value) => value,
            Err(tampered) => return receipt.give_back(Err(PublishError::Refused(tampered.to_string()))),
        };
        // Without a time of its own: Kafka deletes by it, and an event may have waited for longer than a topic keeps records.
        let record = BaseRecord::with_opaque_to(topic, Box::new(receipt))
            .key(delivery.key.as_bytes())
            .payload(value.as_ref())
            .headers(envelope::headers(delivery));
        if let Err((error, record)) = producer.send(record) {
            record.delivery_opaque.give_back(Err(producer.context().failure(&error)));
        }
    }

    async fn renew(&self) -> Outcome {
        let fresh = connect(&self.cluster).map_err(|error| fatal(&error))?;
        let old = std::mem::replace(&mut *lock(&self.producer), Arc::new(fresh));
        old.purge(PurgeConfig::default().queue().inflight());
        // Waits for its thread and for what the purge leaves to report.
        blocking(move || drop(old)).await;
        // One of them may have been deleted meanwhile.
        self.cluster.forget_topics();
        let mut topics = lock(&self.topics).clone();
        topics.extend(self.cluster.kafka.topics.names.values().cloned());
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        self.cluster.ensure(&topics).await.map(drop).map_err(|error| fatal(&error))
    }
}

fn connect(cluster: &Cluster) -> KafkaResult<Producer> {
    config(cluster).create_with_context(Reports {
        listener: Listener(Arc::clone(&cluster.link)),
        is_broken: AtomicBool::new(false),
    })
}

/// `murmur2_random` puts keys where Java's clients put them.
fn config(cluster: &Cluster) -> ClientConfig {
    let mut config = client::config(&cluster.kafka);
    config
        .set("enable.idempotence", "true")
        .set("enable.gapless.guarantee", "true")
        .set("acks", "all")
        .set("partitioner", "murmur2_random")
        .set("compression.type", cluster.kafka.compression.as_str())
        .set("linger.ms", "1")
        .set("message.timeout.ms", "0")
        .set("request.timeout.ms", "10000")
        .set("retry.backoff.ms", "50")
        .set("retry.backoff.max.ms", "1000")
        // The relay bounds what is on its way.
        .set("queue.buffering.max.messages", "1000000")
        .set("queue.buffering.max.kbytes", "1048576");
    config
}

/// Passes on what became of each record.
struct Reports {
    listener: Listener,
    /// Something was given up, so nothing behind it may be written.
    is_broken: AtomicBool,
}

impl Reports {
    /// What `error` means for the event that met it, and for those behind it.
    fn failure(&self, error: &KafkaError) -> PublishError {
        if is_refusal(error) {
            return PublishError::Refused(error.to_string());
        }
        self.is_broken.store(true, Ordering::Release);
        fatal(error)
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.listener.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.listener.error(error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Receipt>;

    fn delivery(&self, result: &DeliveryResult<'_>, receipt: Self::DeliveryOpaque) {
        receipt.give_back(result.as_ref().map(|_| ()).map_err(|(error, _)| self.failure(error)));
    }
}

/// Whether the event itself is at fault.
fn is_refusal(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{InvalidRecord, MessageSizeTooLarge};
    matches!(error.rdkafka_error_code(), Some(MessageSizeTooLarge | InvalidRecord))
}

fn fatal(error: &KafkaError) -> PublishError {
    PublishError::Fatal(error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
