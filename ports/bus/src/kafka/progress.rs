//! Whether the database of a group is as old as its places in Kafka.
//!
//! A consumer counts in its database while it reads, and commits with each place to Kafka how far. A database that was restored
//! from a copy, or whose server was replaced by one that lags, has not counted so far.

use database::{Database, Result};
use rdkafka::error::KafkaResult;

use super::cluster::{self, Cluster, blocking};
use super::member::Membership;
use crate::store::position;

/// What stands before the count in what Kafka keeps with a place.
const LABEL: &str = "progress=";

pub(super) fn written(progress: i64) -> String {
    format!("{LABEL}{progress}")
}

/// None in what somebody else wrote.
pub(super) fn read(metadata: &str) -> Option<i64> {
    metadata.strip_prefix(LABEL)?.parse().ok()
}

/// Counts on in the database of `consumer`, which had come to `known`; what is committed to Kafka afterwards carries this. None if
/// the database has become older meanwhile. It counts on from `known` then: since when it lacks what was heard can't be known
/// any more at the next start, for it has heard other things by then.
pub(super) async fn count_on(database: &Database, consumer: &str, known: i64) -> Result<Option<i64>> {
    let tx = database.begin_read_committed().await?;
    let progress = position::count_on(&tx, consumer).await?;
    let is_older = progress <= known;
    if is_older {
        position::set_progress(&tx, consumer, known).await?;
    }
    tx.commit().await?;
    Ok((!is_older).then_some(progress))
}

impl Cluster {
    /// How far the database of the group of `membership` had counted with the last commit to Kafka; none if there is none. `topics` are
    /// Kafka's names.
    pub(super) async fn committed_progress(
        &self,
        membership: &Membership,
        topics: &[String],
    ) -> KafkaResult<Option<i64>> {
        let topics = topics.to_vec();
        let partitions = self.ask(move |scout| {
            let mut partitions = Vec::new();
            for topic in topics {
                let count = i32::try_from(cluster::partitions(scout, &topic)?).unwrap_or(i32::MAX);
                partitions.extend((0..count).map(|partition| (topic.clone(), partition)));
            }
            Ok(partitions)
        });
        let (partitions, member) = (partitions.await?, membership.member());
        blocking(move || member.committed_progress(&partitions)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_of_others() {
        assert_eq!(read(&written(42)), Some(42));
        assert_eq!(["", "42", "progress=", "sarama"].map(read), [None; 4]);
    }
}
