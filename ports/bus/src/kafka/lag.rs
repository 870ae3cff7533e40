//! How far a consumer is behind what stands in Kafka.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};

use super::client::{self, Closing, Listener};
use super::cluster::{self, ANSWER_TIMEOUT, Cluster, blocking};
use super::description::OffsetReset;
use super::envelope;
use super::member::{Member, Membership, Partition, PartitionOffset};

/// What a consumer has not taken of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lag {
    pub(crate) records: u64,
    /// When the first of them was recorded; unknown when it could not be read in time.
    pub(crate) oldest: Option<Timestamp>,
}

/// The records from `next` on to `end` in one partition, at least one.
pub(super) struct Gap {
    next: PartitionOffset,
    end: i64,
}

impl Cluster {
    /// What the group of `membership` has not taken, for each of `topics` by its built-in name.
    pub(super) async fn lag(&self, membership: &Membership, topics: &[String]) -> KafkaResult<BTreeMap<String, Lag>> {
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        let gaps = self.gaps(membership, &names).await?;
        let mut records: BTreeMap<String, u64> = BTreeMap::new();
        for gap in &gaps {
            *records.entry(gap.next.topic.clone()).or_default() += gap.records();
        }
        let oldest = if gaps.is_empty() { BTreeMap::new() } else { self.oldest(gaps).await? };
        let lag = |topic: &String| {
            let name = self.kafka.topics.name_of(topic);
            let records = records.get(name).copied().unwrap_or_default();
            (topic.clone(), Lag { records, oldest: oldest.get(name).copied() })
        };
        Ok(topics.iter().map(lag).collect())
    }

    /// What the group of `membership` has not taken of `topics`, partition by partition.
    pub(super) async fn gaps(&self, membership: &Membership, topics: &[&str]) -> KafkaResult<Vec<Gap>> {
        let names: Vec<String> = topics.iter().map(|topic| self.kafka.topics.name_of(topic).to_owned()).collect();
        let (member, reset) = (membership.member(), self.kafka.offset_reset);
        let found = self.ask(move |scout| gaps(scout, &member, &names, reset)).await;
        // A failure says nothing of Kafka: a group that rebalances, or has no coordinator yet, answers late or not at all.
        if found.is_ok() {
            self.link.is_up();
        }
        found
    }

    /// When the first record of all gaps in a topic was recorded, by the name of the topic in Kafka.
    async fn oldest(&self, gaps: Vec<Gap>) -> KafkaResult<BTreeMap<String, Timestamp>> {
        let places: Vec<PartitionOffset> = gaps.into_iter().map(|gap| gap.next).collect();
        let reader = match self.reader().take() {
            Some(reader) => reader,
            None => {
                let mut config = client::config(&self.kafka);
                // The library reads for groups alone; this one never joins and commits nothing.
                config.set("group.id", self.kafka.groups.of("look")).set("enable.auto.commit", "false");
                Closing::new(config.create_with_context(Listener(Arc::clone(&self.link)))?)
            }
        };
        let (reader, oldest) = blocking(move || {
            let oldest = first_records(&reader, &places);
            (reader, oldest)
        })
        .await;
        // Two that asked at a time had one each; one of them is closed.
        *self.reader() = Some(reader);
        oldest
    }

    fn reader(&self) -> MutexGuard<'_, Option<Closing<BaseConsumer<Listener>>>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gap {
    fn records(&self) -> u64 {
        u64::try_from(self.end - self.next.offset).unwrap_or_default()
    }
}

fn gaps(
    scout: &BaseConsumer<Listener>,
    member: &Member,
    topics: &[String],
    reset: OffsetReset,
) -> KafkaResult<Vec<Gap>> {
    let mut partitions = Vec::new();
    for topic in topics {
        for partition in 0..cluster::partitions(scout, topic)? {
            partitions.push((topic.clone(), i32::try_from(partition).unwrap_or(i32::MAX)));
        }
    }
    let starts = offsets(scout, &partitions, Offset::Beginning)?;
    let ends = offsets(scout, &partitions, Offset::End)?;
    let places = member.places(&partitions, ANSWER_TIMEOUT)?;
    let gap = |(partition, place): (Partition, Option<i64>)| {
        let [start, end] = [starts[&partition], ends[&partition]];
        let offset = match (place, reset) {
            // What was deleted because of its age is nobody's to take.
            (Some(offset), _) => offset.max(start),
            (None, OffsetReset::Earliest) => start,
            (None, OffsetReset::Latest) => end,
        };
        let (topic, partition) = partition;
        Gap { next: PartitionOffset { topic, partition, offset }, end }
    };
    Ok(places.into_iter().map(gap).filter(|gap| gap.end > gap.next.offset).collect())
}

/// The first or last offset of each partition, in one request to each leader: as "times" Kafka takes these two as well.
fn offsets(
    scout: &BaseConsumer<Listener>,
    partitions: &[Partition],
    which: Offset,
) -> KafkaResult<BTreeMap<Partition, i64>> {
    let mut asked = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        asked.add_partition_offset(topic, *partition, which)?;
    }
    let answered = scout.offsets_for_times(asked, ANSWER_TIMEOUT)?;
    let offset = |element: &TopicPartitionListElem<'_>| {
        element.error()?;
        match element.offset() {
            Offset::Offset(offset) => Ok(((element.topic().to_owned(), element.partition()), offset)),
            // A leader that has not answered must not pass for a partition without records.
            Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => {
                Err(KafkaError::OffsetFetch(RDKafkaErrorCode::NoOffset))
            }
        }
    };
    answered.elements().iter().map(offset).collect()
}

/// When the first of the records at `places` was recorded, by topic.
fn first_records(
    reader: &BaseConsumer<Listener>,
    places: &[PartitionOffset],
) -> KafkaResult<BTreeMap<String, Timestamp>> {
    let mut assigned = TopicPartitionList::with_capacity(places.len());
    for PartitionOffset { topic, partition, offset } in places {
        assigned.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
    }
    reader.assign(&assigned)?;
    let mut oldest: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut missing = places.to_vec();
    while !missing.is_empty() {
        let Some(polled) = reader.poll(ANSWER_TIMEOUT.min(Duration::from_secs(1))) else { break };
        let Ok(message) = polled else { continue };
        let is_first =
            |place: &PartitionOffset| place.topic == message.topic() && place.partition == message.partition();
        if !missing.iter().any(is_first) {
            continue;
        }
        missing.retain(|place| !is_first(place));
        if let Some(time) = envelope::recorded_at(&message) {
            oldest.entry(message.topic().to_owned()).and_modify(|known| *known = time.min(*known)).or_insert(time);
        }
    }
    reader.unassign()?;
    Ok(oldest)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use clock::Sources;

    use super::super::connection_health::Transport;
    use super::super::description::{Compression, Groups, Kafka, Security, Topics};
    use super::*;

    fn kafka(brokers: &str, topic: &str) -> Kafka {
        let (one, names) = (NonZeroU32::MIN, BTreeMap::from([("noted", topic.to_owned())]));
        Kafka {
            brokers: vec![brokers.to_owned()],
            security: Security::Plaintext,
            groups: Groups::Each(topic.to_owned()),
            instance: "test".to_owned(),
            offset_reset: OffsetReset::Earliest,
            compression: Compression::None,
            topics: Topics { names, partitions: one, replication: one },
        }
    }

    #[tokio::test]
    async fn a_group_that_does_not_answer_says_nothing_of_kafka() {
        let Some(brokers) = testkit::servers::shared::kafka() else { return };
        let topic = format!("lag-{}", Sources::system().uuid());
        let cluster = Cluster::new(kafka(&brokers, &topic), Sources::system()).unwrap();
        // It may have much to do.
        let made = async { while cluster.ensure(&[&topic]).await.is_err() {} };
        tokio::time::timeout(Duration::from_secs(60), made).await.unwrap();
        // All else answers; the coordinator of the group is a broker that nobody has started.
        let elsewhere = Cluster::new(kafka("127.0.0.1:1", &topic), Sources::system()).unwrap();
        let membership = Membership::new(Arc::new(elsewhere), "noter").unwrap();

        let lag = cluster.lag(&membership, &["noted".to_owned()]).await;

        assert!(lag.is_err(), "{lag:?}");
        assert_eq!(cluster.link.transport(), Transport::Up);
    }
}
