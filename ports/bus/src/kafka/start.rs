//! Where a group begins that is to take only what comes next: at the end that its topic has when the first member joins.
//!
//! The library would search that end at each start anew as long as nothing was taken of a partition, and so leave out what was
//! written in between. So the place is stored before anything is read.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::metadata::MetadataPartition;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// How long an answer may take; the group waits meanwhile.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Stores where the group of `member` begins in those partitions of the topics in `assigned` that it has no place in. Blocks.
///
/// A topic in which the group has no place at all is new to it and begins at its ends, in all partitions at once, because other
/// members join as well. A partition without a place in one of which the group has others was added: nothing in it was heard.
pub(super) fn store_places<C: ConsumerContext>(
    member: &BaseConsumer<C>,
    assigned: &TopicPartitionList,
) -> KafkaResult<()> {
    let mut topics: Vec<String> = assigned.elements().iter().map(|partition| partition.topic().to_owned()).collect();
    topics.sort_unstable();
    topics.dedup();
    let mut places = TopicPartitionList::new();
    for topic in &topics {
        let mut asked = TopicPartitionList::new();
        for partition in partitions(member, topic)? {
            asked.add_partition(topic, partition);
        }
        let committed = member.committed_offsets(asked, ANSWER_TIMEOUT)?;
        let committed = committed.elements();
        let has_place = |offset: Offset| matches!(offset, Offset::Offset(_));
        let is_new = !committed.iter().any(|partition| has_place(partition.offset()));
        for partition in committed.iter().filter(|partition| !has_place(partition.offset())) {
            partition.error()?;
            let (start, end) = member.fetch_watermarks(topic, partition.partition(), ANSWER_TIMEOUT)?;
            let place = Offset::Offset(if is_new { end } else { start });
            places.add_partition_offset(topic, partition.partition(), place)?;
        }
    }
    if places.count() > 0 { member.commit(&places, CommitMode::Sync) } else { Ok(()) }
}

fn partitions<C: ConsumerContext>(member: &BaseConsumer<C>, topic: &str) -> KafkaResult<Vec<i32>> {
    let metadata = member.fetch_metadata(Some(topic), ANSWER_TIMEOUT)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    let missing = || KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition);
    Ok(found.ok_or_else(missing)?.partitions().iter().map(MetadataPartition::id).collect())
}
