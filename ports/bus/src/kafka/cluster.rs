//! The brokers seen from outside all streams: whether they answer, and which topics they have.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Sources;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use tokio::sync::oneshot;

use super::client::{self, Listener};
use super::description::Kafka;
use super::link::Link;

/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How often, and after what pause, a topic is looked for that was made just now.
const TRIES: u32 = 100;
const NAP: Duration = Duration::from_millis(20);

/// One Kafka, as all clients of this process know it.
pub(crate) struct Cluster {
    pub(super) kafka: Kafka,
    pub(super) link: Arc<Link>,
    pub(super) sources: Sources,
    /// Asks about topics and offsets, and reads nothing.
    pub(super) scout: Arc<BaseConsumer<Listener>>,
    admin: AdminClient<Listener>,
    /// Topics that are known to be there.
    known: Mutex<BTreeSet<String>>,
}

impl Cluster {
    /// Prepares to talk to `kafka`, which need not be there yet.
    pub(crate) fn new(kafka: Kafka, sources: Sources) -> KafkaResult<Self> {
        let link = Arc::new(Link::new(sources.clone()));
        let config = client::config(&kafka);
        let listener = Listener(Arc::clone(&link));
        Ok(Self {
            scout: Arc::new(config.create_with_context(listener.clone())?),
            admin: config.create_with_context(listener)?,
            known: Mutex::default(),
            kafka,
            link,
            sources,
        })
    }

    /// Asks Kafka for a sign of life, and makes the topics that are known by name as soon as there is one; tells whether.
    pub(crate) async fn look(&self) -> bool {
        let named: Vec<&str> = self.kafka.topics.names.values().map(String::as_str).collect();
        match (self.ensure(&named).await, named.first()) {
            (Ok(Made::Already), Some(topic)) => {
                let found = self.partitions(topic).await;
                self.report(&found);
                found.is_ok()
            }
            (made, _) => made.is_ok(),
        }
    }

    /// Makes sure that each topic is there, by the name that Kafka knows it by. Existing ones are never changed.
    pub(super) async fn ensure(&self, topics: &[&str]) -> KafkaResult<Made> {
        let missing: Vec<&str> = topics.iter().copied().filter(|topic| !self.is_known(topic)).collect();
        if missing.is_empty() {
            return Ok(Made::Already);
        }
        let made = self.make(&missing).await;
        self.report(&made);
        made.map(|()| Made::Now)
    }

    /// Whether `topic` was there when it was last looked for.
    pub(super) fn is_known(&self, topic: &str) -> bool {
        self.known().contains(topic)
    }

    /// Has the topics looked for again.
    pub(super) fn forget_topics(&self) {
        self.known().clear();
    }

    async fn make(&self, topics: &[&str]) -> KafkaResult<()> {
        let wanted = &self.kafka.topics;
        let [partitions, replicas] =
            [wanted.partitions, wanted.replication].map(|count| i32::try_from(count.get()).unwrap_or(i32::MAX));
        let new: Vec<NewTopic<'_>> =
            topics.iter().map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(replicas))).collect();
        let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
        for made in self.admin.create_topics(&new, &options).await? {
            match made {
                Ok(topic) => tracing::info!(topic, partitions, "a topic was made"),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
                Err((topic, code)) => {
                    self.link.note(&topic, Some(format!("the topic {topic} can't be made: {code}")));
                }
            }
        }
        for topic in topics {
            self.check(topic).await?;
        }
        Ok(())
    }

    /// Says so when `topic` has too few partitions. Only the operator can add some, because keys move to others then.
    async fn check(&self, topic: &str) -> KafkaResult<()> {
        let name = topic.to_owned();
        let found = self.ask(move |scout| settled_partitions(scout, &name)).await?;
        let wanted = self.kafka.topics.partitions.get();
        let is_short = found < wanted as usize;
        let flaw = format!("the topic {topic} has {found} partitions where {wanted} were asked for");
        self.link.note(topic, is_short.then_some(flaw));
        self.known().insert(topic.to_owned());
        Ok(())
    }

    /// How many partitions `topic` has.
    pub(super) async fn partitions(&self, topic: &str) -> KafkaResult<usize> {
        let topic = topic.to_owned();
        self.ask(move |scout| partitions(scout, &topic)).await
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

    pub(super) fn report<T>(&self, outcome: &KafkaResult<T>) {
        match outcome {
            Ok(_) => self.link.is_up(),
            Err(error) => self.link.is_away(error),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether topics had to be looked for.
pub(super) enum Made {
    Now,
    Already,
}

/// How many partitions `topic` has.
pub(super) fn partitions(scout: &BaseConsumer<Listener>, topic: &str) -> KafkaResult<usize> {
    let metadata = scout.fetch_metadata(Some(topic), PATIENCE)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    match found.map(|found| (found.error(), found.partitions().len())) {
        Some((None, count)) if count > 0 => Ok(count),
        Some((Some(error), _)) => Err(KafkaError::MetadataFetch(error.into())),
        Some((None, _)) | None => Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)),
    }
}

/// How many partitions `topic` has, once it has any.
fn settled_partitions(scout: &BaseConsumer<Listener>, topic: &str) -> KafkaResult<usize> {
    let mut tries = 0;
    loop {
        match partitions(scout, topic) {
            Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)) if tries < TRIES => {
                tries += 1;
                scout.poll(NAP);
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
