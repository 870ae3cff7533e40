//! Takes a group back to what its database has lost.
//!
//! How far a group has come stands in Kafka, what it did stands in the database. A database that was restored from a copy is
//! older than its group, and what came in between would never be delivered again. So a consumer that finds itself in another
//! database takes its group back; the inbox drops what the copy knows.

use chrono::TimeDelta;
use clock::Timestamp;
use database::{Connection, Database, Result};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use sea_orm::DbBackend;

use super::client::{self, Listener};
use super::cluster::{self, ANSWER_TIMEOUT, Cluster, blocking};
use super::member::Membership;
use crate::dead_letters::RunMode;
use crate::maintenance::INBOX_RETENTION;
use crate::rewind::Rewound;
use crate::store::{inbox, origin, position};

/// How much further back than to the newest event that the database knows: partitions are not read in step.
const MARGIN: TimeDelta = TimeDelta::minutes(10);
/// How much before the end of its retention the inbox is trusted, so that what is delivered again is not too old by then.
const RETENTION_MARGIN: TimeDelta = TimeDelta::hours(1);

/// From when on the inbox knows all that was heard.
pub(crate) fn remembered_since(now: Timestamp) -> Timestamp {
    now - INBOX_RETENTION + RETENTION_MARGIN
}

impl Cluster {
    /// Takes the group of `consumer`, whose place is `membership`, back if its database was restored since it read last; answers how
    /// far that has counted. `topics` are Kafka's names.
    ///
    /// # Errors
    /// Inside, Kafka is away or refuses, as it does while the group has members; it is to be tried again, and nothing to be
    /// read until then.
    pub(super) async fn rewind_restored(
        &self,
        database: &Database,
        (consumer, membership): (&str, &Membership),
        topics: &[String],
    ) -> Result<KafkaResult<i64>> {
        // Asked before the database is, which may count on meanwhile.
        let committed = match self.committed_progress(membership, topics).await {
            Ok(committed) => committed.unwrap_or_default(),
            Err(error) => return Ok(Err(error)),
        };
        let here = database.system_identifier().await?;
        let known = position::origin(database, consumer).await?;
        let progress = position::progress(database, consumer).await?;
        let is_behind = database.get_database_backend() == DbBackend::Postgres && origin::is_behind(database).await?;
        if known.as_deref() == Some(here.as_str()) && !is_behind && committed <= progress {
            return Ok(Ok(progress));
        }
        if known.is_some() {
            let since = heard_until(database, consumer).await? - MARGIN;
            let since = since.max(remembered_since(database.sources().now()));
            tracing::warn!(consumer, %since, "the database was restored; its group is taken back");
            match self.rewind(consumer, topics.to_vec(), since, RunMode::Real).await {
                Ok(rewound) => tracing::warn!(consumer, ?rewound, "the group was taken back"),
                Err(error) => {
                    self.note_hindrance(consumer, &error).await;
                    return Ok(Err(error));
                }
            }
            self.link.note(consumer, None);
        }
        let tx = database.begin_read_committed().await?;
        let progress = progress.max(committed);
        position::set_origin(&tx, consumer, &here, progress).await?;
        tx.commit().await?;
        Ok(Ok(progress))
    }

    /// Reports to the operator why the group of `consumer` can't be taken back, and who of others has to leave it first.
    async fn note_hindrance(&self, consumer: &str, error: &KafkaError) {
        let strangers = self.strangers(consumer).await.unwrap_or_else(|error| {
            tracing::debug!(consumer, %error, "who stands in a group is not known");
            None
        });
        let remedy =
            strangers.map(|names| format!("; stop {names}, which are members of the group")).unwrap_or_default();
        let flaw = format!("{consumer} can't be taken back to what its restored database lacks: {error}{remedy}");
        self.link.note(consumer, Some(flaw));
    }

    /// Takes the group of `consumer` back, in each partition of `topics` where it has come further than to what was written
    /// `since` then; answers where.
    pub(crate) async fn rewind(
        &self,
        consumer: &str,
        topics: Vec<String>,
        since: Timestamp,
        run: RunMode,
    ) -> KafkaResult<Vec<Rewound>> {
        let mut config = client::config(&self.kafka);
        config.set("group.id", self.kafka.groups.of(consumer)).set("enable.auto.commit", "false");
        let group: BaseConsumer<Listener> = config.create_with_context(Listener(self.link.clone()))?;
        blocking(move || {
            let rewound = steps(&group, &topics, since)?;
            if run == RunMode::Real && !rewound.is_empty() {
                let mut places = TopicPartitionList::with_capacity(rewound.len());
                for Rewound { topic, partition, to, .. } in &rewound {
                    places.add_partition_offset(topic, *partition, Offset::Offset(*to))?;
                }
                // From somebody who is no member Kafka takes this only while there are none.
                group.commit(&places, CommitMode::Sync)?;
            }
            Ok(rewound)
        })
        .await
    }
}

/// Up to when `consumer` had surely heard all that it was given. A group that lagged had heard less than its newest entry
/// suggests, so what it heard last counts by when that was recorded.
async fn heard_until(database: &Database, consumer: &str) -> Result<Timestamp> {
    let now = database.sources().now();
    let Some(entered) = inbox::newest(database, consumer).await? else { return Ok(now - INBOX_RETENTION) };
    let recorded = inbox::oldest_recorded(database, consumer, entered - MARGIN).await?;
    Ok(recorded.map_or(entered, |recorded| recorded.min(entered)))
}

fn steps(group: &BaseConsumer<Listener>, topics: &[String], since: Timestamp) -> KafkaResult<Vec<Rewound>> {
    let mut asked = TopicPartitionList::new();
    let mut times = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..cluster::partitions(group, topic)? {
            let partition = i32::try_from(partition).unwrap_or(i32::MAX);
            asked.add_partition(topic, partition);
            times.add_partition_offset(topic, partition, Offset::Offset(since.timestamp_millis()))?;
        }
    }
    let (committed, times) =
        (group.committed_offsets(asked, ANSWER_TIMEOUT)?, group.offsets_for_times(times, ANSWER_TIMEOUT)?);
    let mut rewound = Vec::new();
    for place in committed.elements() {
        place.error()?;
        // Where the group has no place it begins as it is set to.
        let Offset::Offset(from) = place.offset() else { continue };
        let found = times.find_partition(place.topic(), place.partition());
        let found = found.ok_or(KafkaError::OffsetFetch(rdkafka::error::RDKafkaErrorCode::NoOffset))?;
        found.error()?;
        // Any other answer says that all that the topic holds is older.
        if let Offset::Offset(to) = found.offset()
            && to < from
        {
            rewound.push(Rewound { topic: place.topic().to_owned(), partition: place.partition(), from, to });
        }
    }
    Ok(rewound)
}
