//! How the bus is doing: for readiness, metrics and the operator's list of topics.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use clock::Timestamp;
use database::{Database, Result};
use serde::Serialize;
use utoipa::ToSchema;

use crate::kafka::Lag;
use crate::model::Cause;
use crate::store;

/// All topics, and what was given up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Topics that hold events or have consumers, by name.
    pub topics: Vec<TopicStatus>,
    /// How many dead letters are open, by why the event was given up.
    pub dead_letters: BTreeMap<&'static str, u64>,
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TopicStatus {
    /// Its name.
    pub topic: String,
    /// Events that not every consumer has taken yet; all that stand there when it has none.
    pub depth: u64,
    /// Age of the oldest of them; zero if there is none.
    pub oldest_seconds: f64,
    /// Who reads it.
    pub consumers: Vec<ConsumerStatus>,
}

/// One consumer of a topic.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ConsumerStatus {
    /// Its name.
    pub consumer: String,
    /// How far it is behind; absent while that can't be known.
    #[serde(flatten)]
    #[schema(value_type = ConsumerLag)]
    pub lag: Option<ConsumerLag>,
    /// Keys whose first event is tried again, with all that waits behind it.
    pub parked_keys: u64,
}

/// How far a consumer is behind; both numbers are there, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ConsumerLag {
    /// Events that it has not taken yet.
    #[serde(rename = "lag_records")]
    #[schema(required = false)]
    pub records: u64,
    /// Age of the oldest of them; zero if there is none.
    #[serde(rename = "lag_seconds")]
    #[schema(required = false)]
    pub seconds: f64,
}

impl Status {
    pub(crate) async fn read(database: &Database) -> Result<Self> {
        let now = database.sources().now();
        let mut topics: BTreeMap<String, TopicStatus> = BTreeMap::new();
        for depth in store::status::depths(database).await? {
            let topic = topics.entry(depth.topic.clone()).or_insert_with(|| TopicStatus::empty(depth.topic));
            topic.depth = depth.records.cast_unsigned();
            topic.oldest_seconds = age(depth.oldest, now);
        }
        for lag in store::status::lags(database).await? {
            let topic = topics.entry(lag.topic.clone()).or_insert_with(|| TopicStatus::empty(lag.topic));
            topic.consumers.push(ConsumerStatus {
                consumer: lag.consumer,
                lag: Some(ConsumerLag {
                    records: lag.records.cast_unsigned(),
                    seconds: lag.oldest.map_or(0.0, |oldest| age(oldest, now)),
                }),
                parked_keys: lag.parked_keys.cast_unsigned(),
            });
        }
        Self::of(database, topics).await
    }

    /// Where a relay copies the outbox: what waits for it, waits for every consumer.
    pub(crate) async fn read_relayed(database: &Database) -> Result<Self> {
        let now = database.sources().now();
        let mut topics: BTreeMap<String, TopicStatus> = BTreeMap::new();
        for depth in store::status::depths_behind_relay(database).await? {
            let topic = topics.entry(depth.topic.clone()).or_insert_with(|| TopicStatus::empty(depth.topic));
            topic.depth += depth.records.cast_unsigned();
            topic.oldest_seconds = topic.oldest_seconds.max(age(depth.oldest, now));
        }
        for reading in store::status::readings(database).await? {
            let topic = topics.entry(reading.topic.clone()).or_insert_with(|| TopicStatus::empty(reading.topic));
            topic.consumers.push(ConsumerStatus {
                consumer: reading.consumer,
                lag: Some(ConsumerLag { records: topic.depth, seconds: topic.oldest_seconds }),
                parked_keys: reading.parked_keys.cast_unsigned(),
            });
        }
        Self::of(database, topics).await
    }

    async fn of(database: &Database, topics: BTreeMap<String, TopicStatus>) -> Result<Self> {
        let open = store::status::open_dead_letters(database).await?;
        // Also those that there are none of: a gauge that is not set keeps its last value.
        let count = |cause: Cause| open.get(cause.as_str()).copied().unwrap_or_default();
        let dead_letters = Cause::ALL.map(|cause| (cause.as_str(), count(cause))).into();
        Ok(Self { topics: topics.into_values().collect(), dead_letters })
    }

    /// The topics of each consumer.
    pub(crate) fn subscriptions(&self) -> BTreeMap<String, Vec<String>> {
        let mut subscriptions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for topic in &self.topics {
            for consumer in &topic.consumers {
                subscriptions.entry(consumer.consumer.clone()).or_default().push(topic.topic.clone());
            }
        }
        subscriptions
    }

    /// Adds what `consumer` has not taken of what is in Kafka, by topic.
    pub(crate) fn add(&mut self, consumer: &str, lags: &BTreeMap<String, Lag>, now: Timestamp) {
        for topic in &mut self.topics {
            let Some(lag) = lags.get(&topic.topic) else { continue };
            for status in topic.consumers.iter_mut().filter(|status| status.consumer == consumer) {
                let Some(waiting) = &mut status.lag else { continue };
                waiting.records += lag.records;
                waiting.seconds = waiting.seconds.max(lag.oldest.map_or(0.0, |oldest| age(oldest, now)));
            }
        }
    }

    /// Tells nothing of `consumer`.
    pub(crate) fn leave_out(&mut self, consumer: &str) {
        for topic in &mut self.topics {
            topic.consumers.retain(|status| status.consumer != consumer);
        }
    }

    /// Nobody knows how far `consumer` is.
    pub(crate) fn forget_lag(&mut self, consumer: &str) {
        let consumers = self.topics.iter_mut().flat_map(|topic| &mut topic.consumers);
        for status in consumers.filter(|status| status.consumer == consumer) {
            status.lag = None;
        }
    }

    /// For how long the oldest event of `topic` waits that `consumer` has not heard; `None` while that can't be known, also because it
    /// waits for another try, or can't be read.
    pub(crate) fn age(&self, consumer: &str, topic: &str) -> Option<TimeDelta> {
        let status = self.topics.iter().find(|status| status.topic == topic)?;
        let status = status.consumers.iter().find(|status| status.consumer == consumer)?;
        let lag = status.lag.filter(|lag| status.parked_keys == 0 && (lag.records == 0 || lag.seconds > 0.0))?;
        TimeDelta::from_std(Duration::try_from_secs_f64(lag.seconds).ok()?).ok()
    }

    /// Publishes all of it as gauges; what can't be known is not a number.
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and nobody counts 2^53 events")]
    pub(crate) fn measure(&self) {
        for TopicStatus { topic, depth, oldest_seconds, consumers } in &self.topics {
            metrics::gauge!("bus_outbox_pending", "topic" => topic.clone()).set(*depth as f64);
            metrics::gauge!("bus_outbox_oldest_seconds", "topic" => topic.clone()).set(*oldest_seconds);
            for ConsumerStatus { consumer, lag, parked_keys } in consumers {
                let labels = [("topic", topic.clone()), ("consumer", consumer.clone())];
                metrics::gauge!("bus_consumer_lag_records", &labels)
                    .set(lag.map_or(f64::NAN, |lag| lag.records as f64));
                metrics::gauge!("bus_consumer_lag_seconds", &labels).set(lag.map_or(f64::NAN, |lag| lag.seconds));
                metrics::gauge!("bus_parked_keys", &labels).set(*parked_keys as f64);
            }
        }
        for (cause, letters) in &self.dead_letters {
            metrics::gauge!("bus_dead_letters", "reason" => *cause).set(*letters as f64);
        }
    }
}

impl TopicStatus {
    fn empty(topic: String) -> Self {
        Self { topic, depth: 0, oldest_seconds: 0.0, consumers: Vec::new() }
    }
}

fn age(oldest: Timestamp, now: Timestamp) -> f64 {
    (now - oldest).as_seconds_f64().max(0.0)
}
