//! Where all clients of Kafka in one process come from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use database::Database;
use rdkafka::error::KafkaResult;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::connection_health::Transport;
use super::description::Kafka;
use super::lag::Lag;
use super::member::Membership;
use super::publisher::Publisher;
use super::source::Subscription;
use crate::bus::OpenError;
use crate::consumer::Consumer;
use crate::real_time;

/// How often Kafka is asked for a sign of life.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often topics are polled for that are missing.
const TOPICS_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is checked who else stands in the groups of this process. Each broker is asked.
const GROUPS_INTERVAL: Duration = Duration::from_secs(60);
/// How soon that is tried again which no broker could answer.
const GROUPS_RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Makes the clients, and looks after what they have in common.
pub(crate) struct Clients {
    cluster: Arc<Cluster>,
    /// Whether Kafka has answered since the start.
    has_answered: watch::Sender<bool>,
    /// Who asks how far consumers are that read elsewhere. Kept, because a client costs threads and connections.
    elsewhere: Mutex<BTreeMap<String, Arc<Membership>>>,
}

/// Who reads which topics.
pub(crate) struct Reader {
    pub(crate) consumer: &'static str,
    pub(crate) topics: Vec<&'static str>,
    membership: Arc<Membership>,
}

impl Clients {
    /// Prepares to talk to `kafka`, which need not be there yet.
    pub(crate) fn new(kafka: Kafka, database: &Database) -> KafkaResult<Self> {
        let cluster = Arc::new(Cluster::new(kafka, database.sources().clone())?);
        Ok(Self { cluster, has_answered: watch::Sender::new(false), elsewhere: Mutex::default() })
    }

    /// Writes events for the relay of `database`.
    pub(crate) fn publisher(&self, database: &Database) -> KafkaResult<Publisher> {
        Publisher::new(Arc::clone(&self.cluster), database.vault().clone())
    }

    /// What `consumer` reads, and who to ask how far it has come.
    pub(crate) async fn subscribe(
        &self,
        database: &Database,
        consumer: &Consumer,
    ) -> Result<(Subscription, Reader), OpenError> {
        // Not to read on from there, but so that whoever observes from elsewhere knows who reads what.
        consumer.register(database).await?;
        let subscription = Subscription::new(Arc::clone(&self.cluster), database, consumer)?;
        let (topics, membership) = (consumer.topics().collect(), subscription.membership());
        Ok((subscription, Reader { consumer: consumer.name, topics, membership }))
    }

    /// Keeps an eye on Kafka, and on the groups of `readers`, until `stop`.
    pub(crate) async fn watch(&self, readers: &[Reader], stop: &CancellationToken) {
        let polls = async {
            // Real time, not that of the platform: it is about load, and decides nothing.
            let mut ticks = tokio::time::interval(POLL_INTERVAL);
            let mut next_topics = Instant::now();
            loop {
                ticks.tick().await;
                if self.cluster.poll().await {
                    if next_topics <= Instant::now() {
                        self.cluster.ensure_named().await;
                        next_topics = Instant::now() + TOPICS_INTERVAL;
                    }
                    self.has_answered.send_replace(true);
                }
            }
        };
        let group_checks = async {
            self.answered().await;
            loop {
                let pause = if self.check_groups(readers).await { GROUPS_INTERVAL } else { GROUPS_RETRY_INTERVAL };
                real_time::pause(pause).await;
            }
        };
        stop.run_until_cancelled(async { tokio::join!(polls, group_checks) }).await;
    }

    /// Checks who else stands in the groups of `readers`; answers whether that is known of all.
    async fn check_groups(&self, readers: &[Reader]) -> bool {
        let mut is_known = true;
        for reader in readers {
            if let Err(error) = self.cluster.check_group(reader.consumer).await {
                tracing::debug!(consumer = reader.consumer, %error, "who stands in a group is not known");
                is_known = false;
            }
        }
        is_known
    }

    /// Returns when Kafka has answered once, and those of the topics that are known by name are there that can be.
    pub(crate) async fn answered(&self) {
        let mut has_answered = self.has_answered.subscribe();
        has_answered.wait_for(|has| *has).await.expect("the sender lives in self");
    }

    /// How events travel at present.
    pub(crate) fn transport(&self) -> Transport {
        self.cluster.link.transport()
    }

    /// Whether `reader` has taken all that its topics hold.
    pub(crate) async fn has_taken_all(&self, reader: &Reader) -> KafkaResult<bool> {
        Ok(self.cluster.gaps(&reader.membership, &reader.topics).await?.is_empty())
    }

    /// What `consumer` has not taken of `topics`, whether it reads here or elsewhere.
    pub(crate) async fn lag(
        &self,
        readers: &[Reader],
        consumer: &str,
        topics: &[String],
    ) -> KafkaResult<BTreeMap<String, Lag>> {
        match readers.iter().find(|reader| reader.consumer == consumer) {
            Some(reader) => self.cluster.lag(&reader.membership, topics).await,
            None => self.cluster.lag(&*self.elsewhere(consumer)?, topics).await,
        }
    }

    /// Whether each of `topics` has been seen, by its built-in name. None has before the first process of a fleet made it.
    pub(crate) fn has_seen(&self, topics: &[String]) -> bool {
        topics.iter().all(|topic| self.cluster.is_known(self.cluster.kafka.topics.name_of(topic)))
    }

    fn elsewhere(&self, consumer: &str) -> KafkaResult<Arc<Membership>> {
        let mut memberships = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(membership) = memberships.get(consumer) {
            return Ok(Arc::clone(membership));
        }
        let membership = Arc::new(Membership::new(Arc::clone(&self.cluster), consumer)?);
        memberships.insert(consumer.to_owned(), Arc::clone(&membership));
        Ok(membership)
    }
}
