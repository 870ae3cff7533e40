//! Lets a consumer be given again what Kafka holds since some time, for databases that were restored.

use clock::Timestamp;
use database::{Database, DatabaseError};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use serde::Serialize;

use crate::dead_letters::RunMode;
use crate::kafka::{Cluster, remembered_since};
use crate::{BusUrl, store};

/// A partition in which a group was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rewound {
    /// The topic, as Kafka calls it.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// The offset at which the group would have read on.
    pub from: i64,
    /// The offset at which it reads on now.
    pub to: i64,
}

/// Why a consumer can't be taken back.
#[derive(Debug, thiserror::Error)]
pub enum CannotRewind {
    /// There is no group.
    #[error("without Kafka a consumer's position stands in the database itself, and is restored with it")]
    Embedded,
    /// It has never read here.
    #[error("no consumer is called {0}; `topics` lists them")]
    Unknown(String),
    /// Nobody knows what was heard then.
    #[error("what was heard before {0} is forgotten, and would be heard a second time")]
    Forgotten(Timestamp),
    /// Kafka refuses it.
    #[error("the group of {0} has members; stop the processes that run it, and wait ten seconds")]
    HasMembers(String),
    /// Kafka is away or refuses something else.
    #[error("Kafka can't take the group back: {0}")]
    Kafka(#[source] KafkaError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Takes the group of `consumer` back, in each partition in which it has come further than to what was written `since` then;
/// answers where. The inbox drops what it knows.
///
/// # Errors
/// The consumer is unknown or has members, it may have forgotten what it heard then, or Kafka or the database is away.
pub async fn rewind(
    url: &BusUrl,
    database: &Database,
    consumer: &str,
    since: Timestamp,
    run: RunMode,
) -> Result<Vec<Rewound>, CannotRewind> {
    let BusUrl::Kafka(kafka) = url else { return Err(CannotRewind::Embedded) };
    let remembered = remembered_since(database.sources().now());
    if since < remembered {
        return Err(CannotRewind::Forgotten(remembered));
    }
    let positions = store::position::of(database, consumer).await?;
    if positions.is_empty() || consumer == crate::relay::NAME {
        return Err(CannotRewind::Unknown(consumer.to_owned()));
    }
    let topics = positions.keys().map(|topic| kafka.topics.name_of(topic).to_owned()).collect();
    let cluster = Cluster::new(*kafka.clone(), database.sources().clone()).map_err(CannotRewind::Kafka)?;
    cluster.rewind(consumer, topics, since, run).await.map_err(|error| match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::RebalanceInProgress,
        ) => CannotRewind::HasMembers(consumer.to_owned()),
        _ => CannotRewind::Kafka(error),
    })
}
