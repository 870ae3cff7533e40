//! The brokers seen from outside all streams: whether they answer, and which topics they have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Sources;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use tokio::sync::oneshot;

use super::client::{self, Closing, Listener};
use super::connection_health::ConnectionHealth;
use super::description::Kafka;

/// How long an answer may take.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and after what pause, a topic is polled for that was made just now.
const TRIES: u32 = 100;
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// No topic of ours. To ask for it is to ask for a sign of life, which is short however many topics there are.
const UNUSED: &str = "lezzetlimani.nothing";

/// One Kafka, as all clients of this process know it.
pub(crate) struct Cluster {
    pub(super) kafka: Kafka,
    pub(super) link: Arc<ConnectionHealth>,
    pub(super) sources: Sources,
    /// Asks about topics and offsets, and reads nothing.
    pub(super) scout: Closing<Arc<BaseConsumer<Listener>>>,
    admin: Closing<AdminClient<Listener>>,
    /// Reads the first record of a gap, for whoever borrows it.
    pub(super) reader: Mutex<Option<Closing<BaseConsumer<Listener>>>>,
    /// Topics that are known to be there.
    known: Mutex<BTreeMap<String, Topic>>,
}

/// A topic as it was at the last poll.
#[derive(Clone, Copy)]
struct Topic {
    partitions: usize,
    /// As far as that is known.
    longest_batch: Option<usize>,
}

impl Cluster {
    /// Prepares to talk to `kafka`, which need not be there yet.
    pub(crate) fn new(kafka: Kafka, sources: Sources) -> KafkaResult<Self> {
        let link = Arc::new(ConnectionHealth::new(sources.clone()));
        let config = client::config(&kafka);
        let listener = Listener(Arc::clone(&link));
        Ok(Self {
            scout: Closing::new(Arc::new(config.create_with_context(listener.clone())?)),
            admin: Closing::new(config.create_with_context(listener)?),
            known: Mutex::default(),
            reader: Mutex::default(),
            kafka,
            link,
            sources,
        })
    }

    /// Asks Kafka for a sign of life; answers whether there is one.
    pub(crate) async fn poll(&self) -> bool {
        let answered = self.ask(|scout| scout.fetch_metadata(Some(UNUSED), ANSWER_TIMEOUT).map(drop)).await;
        self.report(&answered);
        answered.is_ok()
    }

    /// Makes sure, as far as that can be done, that those topics are there that are known by name.
    pub(crate) async fn ensure_named(&self) {
        let named: Vec<&str> = self.kafka.topics.names.values().map(String::as_str).collect();
        if let Err(error) = self.ensure(&named).await {
            tracing::debug!(%error, "not all topics are there yet");
        }
    }

    /// Makes sure that each topic is there, by the name that Kafka knows it by. Existing ones are never changed. One that can't
    /// be made holds up none of the others.
    ///
    /// # Errors
    /// Kafka is away, or one of them is missing and can't be made.
    pub(super) async fn ensure(&self, topics: &[&str]) -> KafkaResult<()> {
        let missing: Vec<&str> = topics.iter().copied().filter(|topic| !self.is_known(topic)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let made = self.make(&missing).await;
        self.report(&made);
        let checks = made?.into_iter().map(|(topic, refused)| self.check(topic, refused));
        let mut outcome = Ok(());
        for checked in futures_util::future::join_all(checks).await {
            self.report(&checked);
            outcome = outcome.and(checked);
        }
        outcome
    }

    /// Whether `topic` was there at the last poll.
    pub(super) fn is_known(&self, topic: &str) -> bool {
        self.known().contains_key(topic)
    }

    /// How many partitions `topic` had at the last poll, if it was there.
    pub(super) fn partitions_of(&self, topic: &str) -> Option<usize> {
        self.known().get(topic).map(|topic| topic.partitions)
    }

    /// Has these topics polled for again.
    pub(super) fn forget<'a>(&self, topics: impl IntoIterator<Item = &'a String>) {
        let mut known = self.known();
        for topic in topics {
            known.remove(topic);
        }
    }

    /// How long a batch each known topic takes, as far as that is known.
    pub(super) fn shortest_batch(&self) -> Option<usize> {
        self.known().values().filter_map(|topic| topic.longest_batch).min()
    }

    /// Makes `topics`; answers why each can't be made, if it can't.
    async fn make<'a>(&self, topics: &[&'a str]) -> KafkaResult<Vec<(&'a str, Option<RDKafkaErrorCode>)>> {
        let wanted = &self.kafka.topics;
        let [partitions, replicas] =
            [wanted.partitions, wanted.replication].map(|count| i32::try_from(count.get()).unwrap_or(i32::MAX));
        let new: Vec<NewTopic<'_>> =
            topics.iter().map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(replicas))).collect();
        let mut refused = BTreeMap::new();
        for made in self.admin.create_topics(&new, &options()).await? {
            match made {
                Ok(topic) => tracing::info!(topic, partitions, "a topic was made"),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
                Err((topic, code)) => drop(refused.insert(topic, code)),
            }
        }
        Ok(topics.iter().map(|topic| (*topic, refused.remove(*topic))).collect())
    }

    /// Says so when `topic` is missing, for `refused` if it can't be made, or has too few partitions. Only the operator can add
    /// some, because keys move to others then.
    async fn check(&self, topic: &str, refused: Option<RDKafkaErrorCode>) -> KafkaResult<()> {
        let (name, tries) = (topic.to_owned(), if refused.is_some() { 0 } else { TRIES });
        let found = match self.ask(move |scout| settled_partitions(scout, &name, tries)).await {
            Ok(found) => found,
            Err(error) => {
                if let Some(code) = refused {
                    self.link.note(topic, Some(format!("the topic {topic} can't be made: {code}")));
                }
                return Err(error);
            }
        };
        let wanted = self.kafka.topics.partitions.get();
        let is_short = found < wanted as usize;
        let flaw = format!("the topic {topic} has {found} partitions where {wanted} were asked for");
        self.link.note(topic, is_short.then_some(flaw));
        let longest_batch = self.longest_batch(topic).await;
        self.known().insert(topic.to_owned(), Topic { partitions: found, longest_batch });
        Ok(())
    }

    /// How long a batch `topic` takes; none where we may not ask.
    async fn longest_batch(&self, topic: &str) -> Option<usize> {
        let described = self.admin.describe_configs(&[ResourceSpecifier::Topic(topic)], &options()).await;
        let described = described.and_then(|mut topics| match topics.pop() {
            Some(topic) => topic.map_err(KafkaError::AdminOp),
            None => Err(KafkaError::AdminOp(RDKafkaErrorCode::UnknownTopicOrPartition)),
        });
        match described {
            Ok(topic) => topic.get("max.message.bytes")?.value.as_ref()?.parse().ok(),
            Err(error) => {
                tracing::debug!(topic, %error, "how long a batch a topic takes is not known");
                None
            }
        }
    }

    /// Runs `question`, which blocks, where that harms nobody.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&BaseConsumer<Listener>) -> KafkaResult<T> + Send + 'static,
    ) -> KafkaResult<T> {
        let scout = Arc::clone(&self.scout);
        blocking(move || {
            let answer = question(&scout);
            // Hands what the scout met to its listener, so that the link knows why.
            while scout.poll(Duration::ZERO).is_some() {}
            answer
        })
        .await
    }

    /// A refusal is an answer too.
    pub(super) fn report<T>(&self, outcome: &KafkaResult<T>) {
        match outcome {
            Ok(_) => self.link.is_up(),
            Err(error) if is_answer(error) => self.link.is_up(),
            Err(error) => self.link.is_away(error),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Topic>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long an answer of the controller may take.
fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(ANSWER_TIMEOUT)).operation_timeout(Some(ANSWER_TIMEOUT))
}

/// Whether a broker said so, and not the library because none was reached.
fn is_answer(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{
        CoordinatorLoadInProgress, CoordinatorNotAvailable, GroupAuthorizationFailed, IllegalGeneration, InvalidTopic,
        LeaderNotAvailable, NotCoordinator, NotLeaderForPartition, PolicyViolation, RebalanceInProgress,
        TopicAuthorizationFailed, UnknownMemberId, UnknownTopic, UnknownTopicOrPartition,
    };
    matches!(
        error.rdkafka_error_code(),
        Some(
            CoordinatorLoadInProgress
                | CoordinatorNotAvailable
                | GroupAuthorizationFailed
                | IllegalGeneration
                | InvalidTopic
                | LeaderNotAvailable
                | NotCoordinator
                | NotLeaderForPartition
                | PolicyViolation
                | RebalanceInProgress
                | TopicAuthorizationFailed
                | UnknownMemberId
                | UnknownTopic
                | UnknownTopicOrPartition
        )
    )
}

/// How many partitions `topic` has.
pub(super) fn partitions(scout: &BaseConsumer<Listener>, topic: &str) -> KafkaResult<usize> {
    let metadata = scout.fetch_metadata(Some(topic), ANSWER_TIMEOUT)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    match found.map(|found| (found.error(), found.partitions().len())) {
        Some((None, count)) if count > 0 => Ok(count),
        Some((Some(error), _)) => Err(KafkaError::MetadataFetch(error.into())),
        Some((None, _)) | None => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)),
    }
}

/// How many partitions `topic` has, once it has any.
fn settled_partitions(scout: &BaseConsumer<Listener>, topic: &str, tries_at_most: u32) -> KafkaResult<usize> {
    let mut tries = 0;
    loop {
        match partitions(scout, topic) {
            Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)) if tries < tries_at_most => {
                tries += 1;
                scout.poll(RETRY_INTERVAL);
            }
            settled => return settled,
        }
    }
}

/// Runs `work` on a thread that may block. One of its own, because a runtime waits for those of its pool when it ends, and
/// the library may take its time while Kafka is away.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = oneshot::channel();
    std::thread::spawn(move || {
        // Whoever asked may have gone.
        let _ = done.send(work());
    });
    result.await.expect("the work does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_rebalances_and_a_topic_that_refuses_are_answers_and_silence_is_none() {
        use RDKafkaErrorCode::{
            AllBrokersDown, BrokerTransportFailure, CoordinatorLoadInProgress, IllegalGeneration, NotCoordinator,
            OperationTimedOut, RebalanceInProgress, Resolve, TopicAuthorizationFailed, UnknownMemberId,
            UnknownTopicOrPartition,
        };
        let is_answer = |code: &RDKafkaErrorCode| is_answer(&KafkaError::OffsetFetch(*code));
        let answers = [
            CoordinatorLoadInProgress,
            IllegalGeneration,
            NotCoordinator,
            RebalanceInProgress,
            TopicAuthorizationFailed,
            UnknownMemberId,
            UnknownTopicOrPartition,
        ];
        let silence = [AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve];

        assert!(answers.iter().all(is_answer) && !silence.iter().any(is_answer));
    }
}
