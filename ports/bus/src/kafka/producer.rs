//! One producer of the library, from its first record until it has to give one up.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Instant;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, PurgeConfig, ThreadedProducer};
use rdkafka::{ClientContext, Message};

use super::client::{Closing, Listener};
use super::first_contact::{FirstContacts, Partition};
use crate::relay::{PublishError, Receipt};

pub(super) type Producer = ThreadedProducer<Reports>;

/// How many records travel in one batch, which a topic takes or refuses as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Batching {
    Together,
    OneAtATime,
}

/// An event as Kafka gets it.
pub(super) struct Record<'a> {
    pub(super) topic: Cow<'a, str>,
    pub(super) partition: Partition,
    pub(super) key: Cow<'a, str>,
    pub(super) payload: Cow<'a, [u8]>,
    pub(super) headers: OwnedHeaders,
    pub(super) receipt: Receipt,
}

/// A record on its way.
pub(super) struct Sent {
    partition: Partition,
    receipt: Receipt,
}

/// Passes on what became of each record.
pub(super) struct Reports {
    listener: Listener,
    batching: Batching,
    sending: Mutex<Sending>,
    /// Whose reports these are.
    producer: OnceLock<Weak<Producer>>,
}

#[derive(Default)]
struct Sending {
    /// Something was given up, so nothing behind it may be written.
    is_broken: bool,
    /// A topic did not take a batch for what was in it.
    is_batch_refused: bool,
    contacts: FirstContacts<Record<'static>>,
}

/// A fresh producer.
pub(super) fn connect(config: &ClientConfig, listener: Listener, batching: Batching) -> KafkaResult<Arc<Producer>> {
    let reports = Reports { listener, batching, sending: Mutex::default(), producer: OnceLock::new() };
    let producer: Arc<Producer> = Arc::new(config.create_with_context(reports)?);
    producer.context().producer.get_or_init(|| Arc::downgrade(&producer));
    Ok(producer)
}

/// Forgets all that `producer` has not written yet, and has it write nothing more.
pub(super) fn purge(producer: &Producer) {
    producer.context().break_off();
    producer.purge(PurgeConfig::default().queue().inflight());
}

impl Record<'_> {
    fn into_owned(self) -> Record<'static> {
        Record {
            topic: Cow::Owned(self.topic.into_owned()),
            partition: self.partition,
            key: Cow::Owned(self.key.into_owned()),
            payload: Cow::Owned(self.payload.into_owned()),
            headers: self.headers,
            receipt: self.receipt,
        }
    }
}

impl Reports {
    /// Sends `record` behind all that were sent before.
    pub(super) fn send(&self, producer: &Producer, record: Record<'_>) {
        let mut sending = self.sending();
        if sending.is_broken {
            let reason = "an event before this one was not written".to_owned();
            return record.receipt.give_back(Err(PublishError::Fatal(reason)));
        }
        if sending.contacts.admits(&record.topic, record.partition, Instant::now()) {
            self.enqueue(producer, record, &mut sending);
        } else {
            let (topic, partition) = (record.topic.clone().into_owned(), record.partition);
            sending.contacts.wait(&topic, partition, record.into_owned());
        }
    }

    /// From now on nothing is sent any more.
    pub(super) fn break_off(&self) {
        self.sending().break_off();
    }

    /// Whether a topic did not take a batch for what was in it.
    pub(super) fn is_batch_refused(&self) -> bool {
        self.sending().is_batch_refused
    }

    fn enqueue(&self, producer: &Producer, record: Record<'_>, sending: &mut Sending) {
        let Record { topic, partition, key, payload, headers, receipt } = record;
        // Without a time of its own: Kafka deletes by it, and an event may have waited for longer than a topic keeps records.
        let record = BaseRecord::with_opaque_to(&topic, Box::new(Sent { partition, receipt }))
            .key(key.as_bytes())
            .payload(payload.as_ref())
            .headers(headers);
        if let Err((error, record)) = producer.send(record) {
            let outcome = match error.rdkafka_error_code() {
                // The library has not even queued it.
                Some(RDKafkaErrorCode::MessageSizeTooLarge) => PublishError::Refused(error.to_string()),
                _ => self.failure(&error, sending),
            };
            sending.contacts.withdraw(&topic, partition);
            record.delivery_opaque.receipt.give_back(Err(outcome));
            if sending.is_broken {
                sending.contacts.give_up();
            }
        }
    }

    /// Sends what waited until `partition` knows this producer.
    fn follow_up(&self, topic: &str, partition: Partition) {
        let mut sending = self.sending();
        let waiting = sending.contacts.acknowledge(topic, partition, Instant::now());
        if waiting.is_empty() {
            return;
        }
        // Whoever drops the producer waits for this thread, which therefore must not be the one that does.
        let producer = self.producer.get().and_then(Weak::upgrade).map(Closing::new);
        for record in waiting {
            match &producer {
                Some(producer) if !sending.is_broken => self.enqueue(producer, record, &mut sending),
                // Its receipt says so.
                _ => drop(record),
            }
        }
    }

    /// What `error` means for the event that met it. Whatever it is, nothing behind that is written.
    fn failure(&self, error: &KafkaError, sending: &mut Sending) -> PublishError {
        use RDKafkaErrorCode::{
            InvalidRecord, InvalidTopic, MessageBatchTooLarge, MessageSizeTooLarge, PolicyViolation,
            TopicAuthorizationFailed, UnknownPartition, UnknownTopic, UnknownTopicOrPartition,
        };
        sending.is_broken = true;
        match (error.rdkafka_error_code(), self.batching) {
            // Each record of the batch is told so, though one alone may be at fault, or none.
            (Some(InvalidRecord | MessageBatchTooLarge | MessageSizeTooLarge), Batching::Together) => {
                sending.is_batch_refused = true;
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

    fn sending(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sending {
    fn break_off(&mut self) {
        self.is_broken = true;
        self.contacts.give_up();
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
    type DeliveryOpaque = Box<Sent>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Self::DeliveryOpaque) {
        let Sent { partition, receipt } = *sent;
        match result {
            Ok(message) if message.offset() >= 0 => {
                receipt.give_back(Ok(()));
                self.follow_up(message.topic(), partition);
            }
            // The library concluded it from what became of another record. It has been wrong.
            Ok(_) => {
                let mut sending = self.sending();
                receipt.give_back(Err(PublishError::Fatal("Kafka did not say where an event stands".to_owned())));
                sending.break_off();
            }
            Err((error, _)) => {
                let mut sending = self.sending();
                receipt.give_back(Err(self.failure(error, &mut sending)));
                sending.break_off();
            }
        }
    }
}

pub(super) fn fatal(error: &KafkaError) -> PublishError {
    PublishError::Fatal(error.to_string())
}
