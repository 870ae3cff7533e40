//! What a service does when it hears an event.

use async_trait::async_trait;
use clock::Timestamp;
use contracts::Event;
use database::{Database, DatabaseError, WriteTransaction};
use uuid::Uuid;

use crate::fan_out::{self, Expands, Expansion};
use crate::heard_until::HeardUntil;
use crate::store::position;

/// Reacts to events of one type.
#[async_trait]
pub trait Hears<E: Event>: Send + Sync + 'static {
    /// Writes the effect of `heard` with `tx`, which also holds the inbox row: both are committed, or neither. Effects of other
    /// events, of other keys, may share the transaction.
    ///
    /// # Errors
    /// See [`HearError`] for who tries again.
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<E>) -> Result<(), HearError>;

    /// Writes to other stores what [`Hears::hear`] committed. Runs after each delivery, also a repeated one, until it succeeds;
    /// so it must be harmless to repeat, also after a later event of the key: write what stands in the database now.
    ///
    /// # Errors
    /// The event is delivered again later, however often; later events of its key wait until then.
    async fn after_commit(&self, _heard: &Heard<E>) -> Result<(), HearError> {
        Ok(())
    }
}

/// An event as a consumer gets it.
#[derive(Debug, Clone)]
pub struct Heard<E> {
    /// Its CloudEvents id; the same at every delivery.
    pub id: Uuid,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What happened.
    pub event: E,
}

/// Why an event had no effect.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// It can't be read as an event of its type, so it becomes a dead letter at once.
    #[error("{0}")]
    Malformed(String),
    /// It can never succeed, so it becomes a dead letter at once.
    #[error("{0}")]
    Refused(String),
    /// The consumer's own database failed: tried again soon, then parked, unless nothing can be written there at all.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It may succeed later, so it is parked and tried again.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// A named reader of topics: what a Kafka consumer group is, and what the inbox counts by.
pub struct Consumer {
    pub(crate) name: &'static str,
    subscriptions: Vec<Subscription>,
    expansions: Vec<(&'static str, Box<dyn Expansion>)>,
}

struct Subscription {
    topic: &'static str,
    holds_secrets: bool,
    handler: Box<dyn Handler>,
    heard_until: Option<HeardUntil>,
}

/// Events as JSON, so that one runner serves all types.
#[async_trait]
pub(crate) trait Handler: Send + Sync {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Json>) -> Result<(), HearError>;
    async fn after_commit(&self, heard: &Heard<Json>) -> Result<(), HearError>;
}

/// The bytes of an event.
pub(crate) type Json = Vec<u8>;

impl Consumer {
    /// A consumer that hears nothing yet.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self { name, subscriptions: Vec::new(), expansions: Vec::new() }
    }

    /// Lets `hears` react to the events `E`.
    ///
    /// # Panics
    /// When the consumer hears that topic already: each event has one effect in it.
    #[must_use]
    pub fn hears<E: Event>(mut self, hears: impl Hears<E>) -> Self {
        assert!(self.handler(E::TOPIC).is_none(), "{} hears {} twice", self.name, E::TOPIC);
        let handler = Box::new(Typed { hears, event: std::marker::PhantomData });
        let heard_until = None;
        self.subscriptions.push(Subscription { topic: E::TOPIC, holds_secrets: E::SECRET, handler, heard_until });
        self
    }

    /// Lets `heard_until` say up to when the events `E` are heard.
    ///
    /// # Panics
    /// When the consumer does not hear them.
    #[must_use]
    pub fn dates<E: Event>(mut self, heard_until: HeardUntil) -> Self {
        let subscription = self.subscriptions.iter_mut().find(|known| known.topic == E::TOPIC);
        subscription.expect("the consumer hears what is dated").heard_until = Some(heard_until);
        self
    }

    /// Lets `expands` find the events of the fan-outs called `fan_out`, a name that no other consumer of the database has.
    ///
    /// # Panics
    /// When the consumer expands that already.
    #[must_use]
    pub fn expands(mut self, fan_out: &'static str, expands: impl Expands) -> Self {
        assert!(self.expansion(fan_out).is_none(), "{} expands {fan_out} twice", self.name);
        self.expansions.push((fan_out, Box::new(fan_out::Typed(expands))));
        self
    }

    /// Lets the consumer begin its topics, unless it has begun already. Replicas that start together may all do so.
    pub(crate) async fn register(&self, database: &Database) -> Result<(), DatabaseError> {
        let tx = database.begin_read_committed().await?;
        for topic in self.topics() {
            position::register(&tx, self.name, topic).await?;
        }
        tx.commit().await
    }

    pub(crate) fn expansion_names(&self) -> Vec<&'static str> {
        self.expansions.iter().map(|(name, _)| *name).collect()
    }

    pub(crate) fn expansion(&self, fan_out: &str) -> Option<&dyn Expansion> {
        self.expansions.iter().find(|(name, _)| *name == fan_out).map(|(_, expansion)| expansion.as_ref())
    }

    pub(crate) fn topics(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.subscriptions.iter().map(|subscription| subscription.topic)
    }

    /// The topics whose events are dated.
    pub(crate) fn dated(&self) -> impl Iterator<Item = (&'static str, &HeardUntil)> + '_ {
        self.subscriptions.iter().filter_map(|known| Some((known.topic, known.heard_until.as_ref()?)))
    }

    /// Whether what stands in `topic` is sealed wherever it is stored.
    pub(crate) fn hears_secrets_in(&self, topic: &str) -> bool {
        self.subscriptions.iter().any(|known| known.topic == topic && known.holds_secrets)
    }

    pub(crate) fn handler(&self, topic: &str) -> Option<&dyn Handler> {
        self.subscriptions.iter().find(|known| known.topic == topic).map(|known| known.handler.as_ref())
    }
}

struct Typed<E, H> {
    hears: H,
    event: std::marker::PhantomData<fn() -> E>,
}

impl<E: Event, H> Typed<E, H> {
    fn parse(heard: &Heard<Json>) -> Result<Heard<E>, HearError> {
        let event = serde_json::from_slice(&heard.event)
            .map_err(|error| HearError::Malformed(format!("not a {}: {error}", E::TYPE)))?;
        Ok(Heard { id: heard.id, recorded_at: heard.recorded_at, event })
    }
}

#[async_trait]
impl<E: Event, H: Hears<E>> Handler for Typed<E, H> {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Json>) -> Result<(), HearError> {
        self.hears.hear(tx, &Self::parse(heard)?).await
    }

    async fn after_commit(&self, heard: &Heard<Json>) -> Result<(), HearError> {
        self.hears.after_commit(&Self::parse(heard)?).await
    }
}
