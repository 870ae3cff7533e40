//! The producer: writes events in the order in which they were sent, once each as long as it lives.
//!
//! It never gives an event up for the time it takes. One that could time out would be overtaken by the next of its key.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use database::Vault;
use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaResult;
use rdkafka::producer::Producer as _;

use super::client::{self, Listener};
use super::cluster::{Cluster, blocking};
use super::envelope;
use super::first_contact::Partition;
use super::producer::{self, Batching, Producer, Record, fatal};
use crate::relay::{Publish, PublishError, Receipt};
use crate::source::Arrival;

/// Kafka's end of the relay.
pub(crate) struct Publisher {
    cluster: Arc<Cluster>,
    vault: Vault,
    batching: Batching,
    /// After [`Publish::renew`] the next one is made when there is something to send.
    producer: Mutex<Option<Arc<Producer>>>,
    /// How long a batch may be.
    batch_bytes: AtomicUsize,
    /// What was written to besides the topics that are known by name.
    topics: Mutex<BTreeSet<String>>,
}

/// The longest and the shortest batch that is tried.
const LONGEST: usize = 1_000_000;
const SHORTEST: usize = 1_000;

impl Publisher {
    /// Its producer is there at once, because it is the client that hears first why Kafka is away.
    pub(crate) fn new(cluster: Arc<Cluster>, vault: Vault) -> KafkaResult<Self> {
        let publisher = Self::batching(cluster, vault, Batching::Together);
        publisher.producer()?;
        Ok(publisher)
    }

    fn batching(cluster: Arc<Cluster>, vault: Vault, batching: Batching) -> Self {
        let batch_bytes = AtomicUsize::new(LONGEST);
        Self { cluster, vault, batching, producer: Mutex::default(), batch_bytes, topics: Mutex::default() }
    }

    fn producer(&self) -> KafkaResult<Arc<Producer>> {
        let mut producer = lock(&self.producer);
        if let Some(producer) = &*producer {
            return Ok(Arc::clone(producer));
        }
        let fresh = self.connect()?;
        *producer = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn connect(&self) -> KafkaResult<Arc<Producer>> {
        let known = self.cluster.shortest_batch().unwrap_or(LONGEST);
        let bytes = self.batch_bytes.load(Ordering::Acquire).min(known).max(SHORTEST);
        self.batch_bytes.store(bytes, Ordering::Release);
        let mut config = config(&self.cluster);
        config.set("batch.size", bytes.to_string());
        if self.batching == Batching::OneAtATime {
            config.set("batch.num.messages", "1");
        }
        producer::connect(&config, Listener(Arc::clone(&self.cluster.link)), self.batching)
    }

    /// How many partitions `topic` has, if anything can be sent to it.
    fn partitions(&self, producer: &Producer, topic: &str) -> Result<usize, PublishError> {
        lock(&self.topics).insert(topic.to_owned());
        self.cluster.partitions_of(topic).ok_or_else(|| {
            // To write into a topic that is not there would make one with as many partitions as the broker likes.
            producer.context().break_off();
            PublishError::TopicRefuses(format!("the topic {topic} is not there"))
        })
    }
}

impl Publish for Publisher {
    fn send(&self, arrival: &Arrival, receipt: Receipt) {
        let delivery = &arrival.delivery;
        let topic = self.cluster.kafka.topics.name_of(&delivery.topic);
        let producer = match self.producer() {
            Ok(producer) => producer,
            Err(error) => return receipt.give_back(Err(fatal(&error))),
        };
        let partitions = match self.partitions(&producer, topic) {
            Ok(partitions) => partitions,
            Err(error) => return receipt.give_back(Err(error)),
        };
        let payload = match delivery.payload.open(&self.vault) {
            Ok(payload) => payload,
            Err(tampered) => return receipt.give_back(Err(PublishError::Refused(tampered.to_string()))),
        };
        producer.context().send(
            &producer,
            Record {
                topic: Cow::Borrowed(topic),
                partition: Partition::of(&delivery.key, partitions),
                key: Cow::Borrowed(&delivery.key),
                payload,
                headers: envelope::headers(delivery),
                receipt,
            },
        );
    }

    async fn renew(&self) -> Result<(), PublishError> {
        let old = lock(&self.producer).take();
        let is_batch_refused = old.as_ref().is_some_and(|old| old.context().is_batch_refused());
        if let Some(old) = old {
            producer::purge(&old);
            // Waits for its thread and for what the purge leaves to report.
            blocking(move || drop(old)).await;
        }
        let mut topics = lock(&self.topics).clone();
        if self.batching == Batching::Together {
            topics.extend(self.cluster.kafka.topics.names.values().cloned());
        }
        // One of them may have been deleted or changed meanwhile.
        self.cluster.forget(&topics);
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        let ensured = self.cluster.ensure(&topics).await;
        let tried = self.batch_bytes.load(Ordering::Acquire);
        let is_limit_known = self.cluster.shortest_batch().is_some_and(|shortest| shortest < tried);
        if is_batch_refused && !is_limit_known {
            self.batch_bytes.store(tried / 2, Ordering::Release);
        }
        ensured.map_err(|error| fatal(&error))
    }

    fn one_at_a_time(&self) -> Self {
        Self::batching(Arc::clone(&self.cluster), self.vault.clone(), Batching::OneAtATime)
    }

    fn note_refusal(&self, topic: &str, reason: Option<&str>) {
        let name = self.cluster.kafka.topics.name_of(topic);
        let flaw = reason.map(|reason| format!("the topic {name} refuses events, which wait: {reason}"));
        self.cluster.link.note(&format!("events for {name}"), flaw);
    }
}

impl Drop for Publisher {
    /// Closing waits for brokers and may block, which no task may.
    fn drop(&mut self) {
        if let Some(producer) = lock(&self.producer).take() {
            producer::purge(&producer);
            std::thread::spawn(move || drop(producer));
        }
    }
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
