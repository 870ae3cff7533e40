//! A member of a consumer group: a client that reads the partitions that the group leaves to it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientContext, Message};

use super::client::{self, Listener};
use super::cluster::{ANSWER_TIMEOUT, Cluster, blocking};
use super::description::{Kafka, OffsetReset};
use super::{progress, start};

/// How long a member may take to leave.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a member that receives nothing is asked whether it can go on.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// One client in one group.
pub(crate) struct Member {
    /// There until the member is dropped.
    consumer: Option<Arc<StreamConsumer<Observer>>>,
}

/// The place of one consumer in its group, taken by one member after the other.
pub(crate) struct Membership {
    cluster: Arc<Cluster>,
    consumer: String,
    member: Mutex<Arc<Member>>,
}

impl Membership {
    pub(super) fn new(cluster: Arc<Cluster>, consumer: &str) -> KafkaResult<Self> {
        let member = Mutex::new(Arc::new(Member::new(&cluster, consumer)?));
        Ok(Self { cluster, consumer: consumer.to_owned(), member })
    }

    pub(super) fn member(&self) -> Arc<Member> {
        Arc::clone(&lock(&self.member))
    }

    /// Lets a new member take the place of one that can't go on.
    pub(super) fn renew(&self) -> KafkaResult<()> {
        *lock(&self.member) = Arc::new(Member::new(&self.cluster, &self.consumer)?);
        Ok(())
    }
}

/// A partition of a topic: its topic's name at Kafka, and its number.
pub(super) type Partition = (String, i32);

/// Where a group reads on: an offset in a partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartitionOffset {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
}

impl PartitionOffset {
    /// Behind `message`.
    pub(super) fn behind(message: &BorrowedMessage<'_>) -> Self {
        Self { topic: message.topic().to_owned(), partition: message.partition(), offset: message.offset() + 1 }
    }
}

impl Member {
    /// Prepares a member of the group of `consumer`; it joins when it subscribes.
    fn new(cluster: &Cluster, consumer: &str) -> KafkaResult<Self> {
        let observer = Observer {
            listener: Listener(Arc::clone(&cluster.link)),
            revocations: AtomicU64::new(0),
            is_assigned: AtomicBool::new(false),
            offset_reset: cluster.kafka.offset_reset,
            taken: Mutex::default(),
        };
        let consumer = config(&cluster.kafka, consumer).create_with_context(observer)?;
        Ok(Self { consumer: Some(Arc::new(consumer)) })
    }

    pub(super) fn subscribe(&self, topics: &[&str]) -> KafkaResult<()> {
        self.consumer().subscribe(topics)
    }

    /// The next message; waits for it, and may be dropped. A member that can't go on says so each time.
    pub(super) async fn receive(&self) -> KafkaResult<BorrowedMessage<'_>> {
        loop {
            // Real time, not that of the platform: it is about the library, and decides nothing.
            match tokio::time::timeout(CHECK_INTERVAL, self.consumer().recv()).await {
                Ok(received) => return received,
                Err(_) => {
                    if let Some((code, _)) = self.consumer().client().fatal_error() {
                        return Err(KafkaError::MessageConsumptionFatal(code));
                    }
                    self.wake();
                }
            }
        }
    }

    /// Lets the library's own thread go on, which keeps this member in its group: it waits by the wall clock, for as long as
    /// that is set back meanwhile, or until it has something to do.
    fn wake(&self) {
        if let Err(error) = self.consumer().commit_consumer_state(CommitMode::Async) {
            tracing::debug!(%error, "the library can't be asked to commit");
        }
    }

    /// A number that changes when partitions are taken away.
    pub(super) fn assignment(&self) -> u64 {
        self.observer().revocations.load(Ordering::Acquire)
    }

    /// Notes how far the group has come, and how far its database had counted by then; Kafka gets the commit soon, and before partitions
    /// are given back. Places in partitions that were taken away are their next owner's to reach.
    pub(super) fn store(&self, places: impl Iterator<Item = PartitionOffset>, progress: i64) {
        let mut furthest = BTreeMap::new();
        for PartitionOffset { topic, partition, offset } in places {
            furthest.insert((topic, partition), offset);
        }
        for ((topic, partition), offset) in furthest {
            if self.store_place(&topic, partition, offset, progress).is_ok() {
                lock(&self.observer().taken).insert((topic, partition), offset);
            }
        }
    }

    fn store_place(&self, topic: &str, partition: i32, offset: i64, progress: i64) -> KafkaResult<()> {
        let mut place = TopicPartitionList::with_capacity(1);
        let mut stored = place.add_partition(topic, partition);
        stored.set_offset(Offset::Offset(offset))?;
        stored.set_metadata(progress::written(progress));
        self.consumer().store_offsets(&place)
    }

    /// How far the database of the group had counted when its places were committed to Kafka; none if nobody has. Blocks.
    pub(super) fn committed_progress(&self, partitions: &[Partition]) -> KafkaResult<Option<i64>> {
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for (topic, partition) in partitions {
            asked.add_partition(topic, *partition);
        }
        let committed = self.consumer().committed_offsets(asked, ANSWER_TIMEOUT)?;
        Ok(committed.elements().iter().filter_map(|place| progress::read(place.metadata())).max())
    }

    /// Lets the messages before `places`, in the order in which they were received, be received again. Those of partitions that
    /// were taken away are their next owner's.
    pub(super) async fn read_again(&self, places: Vec<PartitionOffset>) {
        let mut first = BTreeMap::new();
        for PartitionOffset { topic, partition, offset } in places {
            first.entry((topic, partition)).or_insert(offset - 1);
        }
        let consumer = Arc::clone(self.consumer());
        blocking(move || {
            for ((topic, partition), offset) in first {
                if let Err(error) = consumer.seek(&topic, partition, Offset::Offset(offset), LEAVE_TIMEOUT) {
                    tracing::debug!(topic, partition, %error, "a member can't go back in a partition");
                }
            }
        })
        .await;
    }

    /// Commits to Kafka how far the group has come, and gives the partitions back at once.
    pub(super) async fn leave(&self) {
        let leaving = async {
            self.commit().await;
            self.consumer().unsubscribe();
            self.give_back().await;
        };
        if tokio::time::timeout(LEAVE_TIMEOUT, leaving).await.is_err() {
            tracing::info!("a member did not leave its group in time, so that its partitions wait for six seconds");
        }
    }

    async fn commit(&self) {
        let consumer = Arc::clone(self.consumer());
        let committed = blocking(move || consumer.commit_consumer_state(CommitMode::Sync)).await;
        if let Err(error) = committed
            && error.rdkafka_error_code() != Some(RDKafkaErrorCode::NoOffset)
        {
            tracing::info!(%error, "how far a group has come can't be committed to Kafka, so some events will be delivered again");
        }
    }

    /// Returns when the partitions are given back, which only whoever reads gets to know.
    async fn give_back(&self) {
        while self.observer().is_assigned.load(Ordering::Acquire) {
            if let Ok(Err(error)) = tokio::time::timeout(LEAVE_TIMEOUT / 100, self.consumer().recv()).await {
                tracing::debug!(%error, "while a member leaves");
            }
        }
    }

    /// Where the group reads on, for each of `partitions`: as far as this member has come, or else as was committed to Kafka;
    /// `None` where the group has no place yet. Blocks.
    pub(super) fn places(
        &self,
        partitions: &[Partition],
        timeout: Duration,
    ) -> KafkaResult<Vec<(Partition, Option<i64>)>> {
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for (topic, partition) in partitions {
            asked.add_partition(topic, *partition);
        }
        let committed = self.consumer().committed_offsets(asked, timeout)?;
        let taken = lock(&self.observer().taken).clone();
        let places = committed.elements().into_iter().map(|element| {
            element.error()?;
            let partition = (element.topic().to_owned(), element.partition());
            let place = match (taken.get(&partition), element.offset()) {
                (Some(offset), _) => Some(*offset),
                (None, Offset::Offset(offset)) => Some(offset),
                (None, _) => None,
            };
            Ok((partition, place))
        });
        places.collect()
    }

    fn consumer(&self) -> &Arc<StreamConsumer<Observer>> {
        self.consumer.as_ref().expect("it is there until the member is dropped")
    }

    fn observer(&self) -> &Observer {
        self.consumer().context()
    }
}

impl Drop for Member {
    /// Closing waits for brokers and may block, which no task may.
    fn drop(&mut self) {
        let consumer = self.consumer.take();
        std::thread::spawn(move || drop(consumer));
    }
}

/// Classic groups and `roundrobin`, because members of the first platform speak nothing newer.
fn config(kafka: &Kafka, consumer: &str) -> ClientConfig {
    let mut config = client::config(kafka);
    config
        .set("group.id", kafka.groups.of(consumer))
        .set("group.instance.id", instance(&kafka.instance, consumer))
        .set("group.protocol", "classic")
        .set("partition.assignment.strategy", "roundrobin")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "1500")
        .set("auto.offset.reset", kafka.offset_reset.as_str())
        .set("enable.auto.offset.store", "false")
        .set("enable.auto.commit", "true")
        .set("auto.commit.interval.ms", "500")
        .set("fetch.error.backoff.ms", "100")
        .set("queued.max.messages.kbytes", "16384");
    config
}

/// The name of a consumer's member, in the letters that Kafka takes.
fn instance(process: &str, consumer: &str) -> String {
    let name = format!("{process}-{consumer}");
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

/// Sees partitions come and go.
pub(super) struct Observer {
    listener: Listener,
    revocations: AtomicU64,
    is_assigned: AtomicBool,
    offset_reset: OffsetReset,
    /// How far this member has come in its partitions.
    taken: Mutex<BTreeMap<Partition, i64>>,
}

impl ClientContext for Observer {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.listener.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.listener.error(error, reason);
    }
}

impl ConsumerContext for Observer {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match (rebalance, self.offset_reset) {
            (Rebalance::Assign(assigned), OffsetReset::Latest) => {
                if let Err(error) = start::store_places(consumer, assigned) {
                    tracing::warn!(%error, "it can't be stored where a group begins; what comes before its first event may be left out");
                }
            }
            (Rebalance::Assign(_), OffsetReset::Earliest) => (),
            (Rebalance::Revoke(_) | Rebalance::Error(_), _) => {
                self.revocations.fetch_add(1, Ordering::AcqRel);
                lock(&self.taken).clear();
            }
        }
        tracing::debug!(?rebalance, "the partitions of a member change");
    }

    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        self.is_assigned.store(matches!(rebalance, Rebalance::Assign(_)), Ordering::Release);
    }
}

impl ConsumerContext for Listener {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_by_its_process_and_its_consumer() {
        assert_eq!(instance("liman.example:8080", "user"), "liman.example-8080-user");
    }
}
