//! What thousands are to hear is recorded chunk by chunk.
//!
//! Whoever begins a fan-out writes one row with the open transaction. A consumer that declares how it expands then records
//! one chunk of events after the other; each commits together with the cursor behind it, so that whatever dies, no event is
//! left out or recorded twice. Of several processes one expands a subject at a time.

use std::time::Duration;

use async_trait::async_trait;
use contracts::Event;
use database::{Result, WriteTransaction};

use crate::announced::Subject;
use crate::{HearError, outbox, store};

/// How a fan-out finds its events.
#[async_trait]
pub trait Expands: Send + Sync + 'static {
    /// What is recorded.
    type Event: Event;

    /// The events of `place`, and where the next ones begin. What it writes with `tx` commits with them, or not at all; it may
    /// record nothing by itself.
    ///
    /// # Errors
    /// It is asked again later, however often; what it gave before stays recorded.
    async fn next(&self, tx: &WriteTransaction, place: &Place) -> Result<Chunk<Self::Event>, HearError>;
}

/// Where a fan-out is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is about, as it was begun.
    pub subject: String,
    /// Behind what to go on; nothing at the beginning.
    pub cursor: Option<String>,
}

/// Some events of a fan-out.
#[derive(Debug, Clone)]
pub struct Chunk<E> {
    /// At most as many as one transaction records.
    pub events: Vec<E>,
    /// What comes then.
    pub then: Then,
}

/// What comes after a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// More, behind `cursor` and after `pause`, which sets the pace.
    GoOn {
        /// Behind what to go on.
        cursor: String,
        /// How long to wait. What is longer than an hour and a half ends when a process starts.
        pause: Duration,
    },
    /// That was all.
    End,
}

/// Begins the fan-out `name` about `subject` once `tx` commits; one that is under way goes on as it is.
///
/// # Errors
/// The database failed; or the fan-out is under way and has just recorded a chunk, and `tx` is one that does not wait for others
/// on the same row (`begin_write`): it may succeed later.
pub async fn begin(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    store::fan_out::insert(tx, name, subject).await?;
    tx.announce(&Subject::FanOut(name).to_string());
    Ok(())
}

/// Lets the fan-out stand where it is.
///
/// # Errors
/// The database failed.
pub async fn pause(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    store::fan_out::set_due(tx, name, subject, None).await
}

/// Lets a fan-out that stands go on.
///
/// # Errors
/// The database failed.
pub async fn resume(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    store::fan_out::set_due(tx, name, subject, Some(tx.now())).await?;
    tx.announce(&Subject::FanOut(name).to_string());
    Ok(())
}

/// Ends the fan-out; what it recorded stays.
///
/// # Errors
/// The database failed.
pub async fn cancel(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    store::fan_out::delete(tx, name, subject).await
}

/// Expansions of all types, so that one runner serves them.
#[async_trait]
pub(crate) trait Expansion: Send + Sync {
    /// Records the events of `place`, and answers what comes then.
    async fn record(&self, tx: &WriteTransaction, place: &Place) -> Result<Then, HearError>;
}

pub(crate) struct Typed<X>(pub(crate) X);

#[async_trait]
impl<X: Expands> Expansion for Typed<X> {
    async fn record(&self, tx: &WriteTransaction, place: &Place) -> Result<Then, HearError> {
        let Chunk { events, then } = self.0.next(tx, place).await?;
        outbox::record_all(tx, &events).await?;
        Ok(then)
    }
}
