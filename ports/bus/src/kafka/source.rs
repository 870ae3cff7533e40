//! The topics of one consumer in Kafka, read as a member of its group.
//!
//! Kafka keeps how far the group has come. That is stored only after the effects are, so whatever happens to a member, the
//! next owner of its partitions is given again what the inbox may know already.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use database::{Database, Result};
use futures_util::FutureExt;
use rdkafka::Message;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::envelope::{self, Sealing};
use super::member::{Membership, PartitionOffset};
use super::progress;
use crate::consumer::Consumer;
use crate::real_time;
use crate::source::{Arrival, Source};

/// Deliveries received at once: few enough that they are worked off before a rebalance has waited long.
const BATCH: usize = 100;
/// How long to wait before what failed is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How often the database counts on while events are heard. A copy that is older than so is known by its count.
const COUNT_INTERVAL: Duration = Duration::from_secs(1);
/// Who loses its place twice within this time has a rival.
const RIVAL_WINDOW: Duration = Duration::from_secs(60);

/// What one consumer reads of Kafka.
pub(crate) struct Subscription {
    cluster: Arc<Cluster>,
    database: Database,
    consumer: &'static str,
    topics: Vec<Topic>,
    membership: Arc<Membership>,
    is_subscribed: bool,
    /// How far the database has counted, and when it counts on.
    progress: i64,
    next_count: Instant,
    /// When another member took the place of ours.
    fenced_at: Option<Instant>,
    /// Where the deliveries came from that were received last and are not acknowledged.
    received: Vec<PartitionOffset>,
    /// An error that came behind deliveries. The library reports one that is fatal once.
    failure: Option<KafkaError>,
}

struct Topic {
    built_in: &'static str,
    name: String,
    holds_secrets: bool,
}

impl Subscription {
    /// Prepares to read; Kafka need not be there yet.
    pub(crate) fn new(cluster: Arc<Cluster>, database: &Database, consumer: &Consumer) -> KafkaResult<Self> {
        let topics = consumer.topics().map(|built_in| Topic {
            built_in,
            name: cluster.kafka.topics.name_of(built_in).to_owned(),
            holds_secrets: consumer.hears_secrets_in(built_in),
        });
        Ok(Self {
            topics: topics.collect(),
            membership: Arc::new(Membership::new(Arc::clone(&cluster), consumer.name)?),
            cluster,
            database: database.clone(),
            consumer: consumer.name,
            is_subscribed: false,
            progress: 0,
            next_count: Instant::now(),
            fenced_at: None,
            received: Vec::new(),
            failure: None,
        })
    }

    /// Who reads, for others to ask how far it has come.
    pub(crate) fn membership(&self) -> Arc<Membership> {
        Arc::clone(&self.membership)
    }

    /// Joins the group, once that is where the database is.
    async fn join(&mut self) -> Result<KafkaResult<()>> {
        let names: Vec<String> = self.topics.iter().map(|topic| topic.name.clone()).collect();
        let topics: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Err(error) = self.cluster.ensure(&topics).await {
            return Ok(Err(error));
        }
        let place = (self.consumer, &*self.membership);
        self.progress = match self.cluster.rewind_restored(&self.database, place, &names).await? {
            Ok(progress) => progress,
            Err(error) => return Ok(Err(error)),
        };
        self.next_count = Instant::now();
        let subscribed = self.membership.member().subscribe(&topics);
        self.is_subscribed = subscribed.is_ok();
        Ok(subscribed)
    }

    /// The next deliveries of the present assignment.
    async fn next(&mut self) -> KafkaResult<Vec<Arrival>> {
        let member = self.membership.member();
        loop {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let (mut arrivals, mut received) = (Vec::new(), Vec::new());
            let first = member.receive().await?;
            let assignment = member.assignment();
            let mut next = Some(first);
            while let Some(message) = next {
                received.push(PartitionOffset::behind(&message));
                arrivals.extend(self.arrival(&message));
                if arrivals.len() == BATCH {
                    break;
                }
                next = match member.receive().now_or_never() {
                    Some(Ok(message)) => Some(message),
                    Some(Err(error)) => {
                        self.failure = Some(error);
                        None
                    }
                    None => None,
                };
            }
            // What was received of partitions that were taken away meanwhile is given to their owner, be that us, again.
            if member.assignment() == assignment {
                self.cluster.link.note(self.consumer, None);
                self.received = received;
                return Ok(arrivals);
            }
        }
    }

    fn arrival(&self, message: &BorrowedMessage<'_>) -> Option<Arrival> {
        let topic = self.topics.iter().find(|topic| topic.name == message.topic())?;
        let sealing = if topic.holds_secrets { Sealing::With(self.database.vault()) } else { Sealing::None };
        let delivery = envelope::delivery(message, topic.built_in, sealing, self.cluster.sources.now());
        Some(Arrival { offset: message.offset(), delivery })
    }

    /// Counts on in the database, from time to time, and logs if that has become older.
    async fn count_on(&mut self) {
        if Instant::now() < self.next_count {
            return;
        }
        match progress::count_on(&self.database, self.consumer, self.progress).await {
            Ok(counted) => {
                self.progress = counted.unwrap_or(self.progress);
                self.next_count = Instant::now() + COUNT_INTERVAL;
                if counted.is_none() {
                    let consumer = self.consumer;
                    let flaw = format!(
                        "the database of {consumer} has become older than what Kafka was told, so that some of what it heard \
                         is lost; stop all processes that run it, then: lezzetlimani topics rewind {consumer} --since TIME, with \
                         a time before that"
                    );
                    self.cluster.link.note(&format!("age of {consumer}"), Some(flaw));
                }
            }
            // What is committed with the count before is only noticed a little less surely.
            Err(error) => tracing::debug!(consumer = self.consumer, %error, "a consumer can't count on"),
        }
    }

    /// Whether this has happened a short while ago: rivals take the place from each other again and again, while a broker
    /// that died may have kept an earlier member of ours for its holder, once.
    fn is_fenced_again(&mut self) -> bool {
        let now = Instant::now();
        let before = self.fenced_at.replace(now);
        before.is_some_and(|before| now - before < RIVAL_WINDOW)
    }

    /// The library goes on by itself after most errors; where it can't, a new member takes the place of this one.
    async fn recover(&mut self, error: &KafkaError) {
        tracing::debug!(consumer = self.consumer, %error, "nothing can be read");
        if let KafkaError::MessageConsumptionFatal(code) = error {
            tracing::warn!(consumer = self.consumer, %error, "a member of a group can't go on and is replaced");
            let is_rival = *code == RDKafkaErrorCode::FencedInstanceId && self.is_fenced_again();
            let flaw = "another process has the same KAFKA_GROUP_INSTANCE_ID, so that they take events from each other";
            self.cluster.link.note(self.consumer, is_rival.then(|| flaw.to_owned()));
            self.is_subscribed = false;
            if let Err(error) = self.membership.renew() {
                tracing::error!(consumer = self.consumer, %error, "no client of Kafka can be made");
            }
        }
        if !self.is_subscribed {
            real_time::pause(RETRY_INTERVAL).await;
        }
    }
}

#[async_trait]
impl Source for Subscription {
    async fn receive(&mut self) -> Result<Vec<Arrival>> {
        loop {
            let received = match self.is_subscribed {
                true => self.next().await,
                false => self.join().await?.map(|()| Vec::new()),
            };
            match received {
                Ok(arrivals) if arrivals.is_empty() => (),
                Ok(arrivals) => return Ok(arrivals),
                Err(error) => self.recover(&error).await,
            }
        }
    }

    async fn acknowledge(&mut self, arrivals: &[Arrival]) -> Result<()> {
        self.count_on().await;
        let taken = arrivals.len().min(self.received.len());
        self.membership.member().store(self.received.drain(..taken), self.progress);
        Ok(())
    }

    /// Kafka keeps what its operator says for as long as he says, and may be asked for all of it.
    fn outlives_inbox(&self) -> bool {
        true
    }

    async fn give_back(&mut self) {
        let places = std::mem::take(&mut self.received);
        self.membership.member().read_again(places).await;
    }

    async fn leave(&mut self) {
        if self.is_subscribed {
            self.is_subscribed = false;
            self.membership.member().leave().await;
        }
    }
}
