//! The producer: writes events in the order in which they were sent, once each as long as it lives.
//!
//! It never gives an event up for the time it takes. One that could time out would be overtaken by the next of its key.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    batching: Batching,
    /// After [`Publish::renew`] the next one is made when there is something to send.
    producer: Mutex<Option<Arc<Producer>>>,
    /// How long a batch may be.
    batch_bytes: AtomicUsize,
    /// What was written to besides the topics that are known by name.
    topics: Mutex<BTreeSet<String>>,
}

type Producer = ThreadedProducer<Reports>;
type Outcome = Result<(), PublishError>;

/// How many records travel in one batch, which a topic takes or refuses as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batching {
    Together,
    OneAtATime,
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
        let fresh = Arc::new(self.connect()?);
        *producer = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn connect(&self) -> KafkaResult<Producer> {
        let known = self.cluster.shortest_batch().unwrap_or(LONGEST);
        let bytes = self.batch_bytes.load(Ordering::Acquire).min(known).max(SHORTEST);
        self.batch_bytes.store(bytes, Ordering::Release);
        let mut config = config(&self.cluster);
        config.set("batch.size", bytes.to_string());
        if self.batching == Batching::OneAtATime {
            config.set("batch.num.messages", "1");
        }
        config.create_with_context(Reports {
            listener: Listener(Arc::clone(&self.cluster.link)),
            batching: self.batching,
            is_broken: AtomicBool::new(false),
            is_batch_refused: AtomicBool::new(false),
        })
    }

    /// Whether anything can be sent to `topic`.
    fn check(&self, producer: &Producer, topic: &str) -> Outcome {
        if producer.context().is_broken.load(Ordering::Acquire) {
            return Err(PublishError::Fatal("an event before this one was not written".to_owned()));
        }
        lock(&self.topics).insert(topic.to_owned());
        if !self.cluster.is_known(topic) {
            // To write into a topic that is not there would make one with as many partitions as the broker likes.
            producer.context().is_broken.store(true, Ordering::Release);
            return Err(PublishError::TopicRefuses(format!("the topic {topic} is not there")));
        }
        Ok(())
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
            let outcome = match error.rdkafka_error_code() {
                // The library has not even queued it.
                Some(RDKafkaErrorCode::MessageSizeTooLarge) => PublishError::Refused(error.to_string()),
                _ => producer.context().failure(&error),
            };
            record.delivery_opaque.give_back(Err(outcome));
        }
    }

    async fn renew(&self) -> Outcome {
        let old = lock(&self.producer).take();
        let is_batch_refused = old.as_ref().is_some_and(|old| old.context().is_batch_refused.load(Ordering::Acquire));
        if let Some(old) = old {
            old.purge(PurgeConfig::default().queue().inflight());
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
            producer.purge(PurgeConfig::default().queue().inflight());
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

/// Passes on what became of each record.
struct Reports {
    listener: Listener,
    batching: Batching,
    /// Something was given up, so nothing behind it may be written.
    is_broken: AtomicBool,
    /// A topic did not take a batch for what was in it.
    is_batch_refused: AtomicBool,
}

impl Reports {
    /// What `error` means for the event that met it. Whatever it is, nothing behind that is written.
    fn failure(&self, error: &KafkaError) -> PublishError {
        use RDKafkaErrorCode::{
            InvalidRecord, InvalidTopic, MessageBatchTooLarge, MessageSizeTooLarge, PolicyViolation,
            TopicAuthorizationFailed, UnknownPartition, UnknownTopic, UnknownTopicOrPartition,
        };
        self.is_broken.store(true, Ordering::Release);
        match (error.rdkafka_error_code(), self.batching) {
            // Each record of the batch is told so, though one alone may be at fault, or none.
            (Some(InvalidRecord | MessageBatchTooLarge | MessageSizeTooLarge), Batching::Together) => {
                self.is_batch_refused.store(true, Ordering::Release);
                PublishError::TopicRefuses(error.to_string())
            }
            (Some(InvalidRecord | MessageBatchTooLarge | MessageSizeTooLarge), Batching::OneAtATime) => {
                PublishError::Refused(error.to_string())
            }
            (
                Some(
                    InvalidTopic
                    | PolicyViolation
                    | TopicAuthorizationFailed
                    | UnknownPartition
                    | UnknownTopic
                    | UnknownTopicOrPartition,
                ),
                Batching::Together | Batching::OneAtATime,
            ) => PublishError::TopicRefuses(error.to_string()),
            _ => fatal(error),
        }
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

fn fatal(error: &KafkaError) -> PublishError {
    PublishError::Fatal(error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
