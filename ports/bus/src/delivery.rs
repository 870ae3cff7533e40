//! An event on its way, as it stands in the outbox, among the parked ones and in a dead letter.

use std::borrow::Cow;

use clock::Timestamp;
use database::{Tampered, Vault};
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;

use crate::TraceParent;

/// An event on its way to a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    /// Its CloudEvents type; empty where a log does not say.
    pub(crate) event_type: String,
    pub(crate) topic: String,
    pub(crate) key: String,
    pub(crate) payload: Payload,
    pub(crate) traceparent: Option<TraceParent>,
    pub(crate) recorded_at: Timestamp,
}

/// The JSON of an event as it is stored: sealed when its type may hold a secret. It travels through all tables like this
/// and is opened for the consumer alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    Plain(Vec<u8>),
    Sealed(Vec<u8>),
}

/// Sealed for all tables of the bus alike, so that a payload moves between them as it is.
const PURPOSE: &str = "outbox";

impl Payload {
    pub(crate) fn seal(vault: &Vault, json: &[u8]) -> Self {
        Self::Sealed(vault.seal(PURPOSE, json))
    }

    pub(crate) fn open(&self, vault: &Vault) -> Result<Cow<'_, [u8]>, Tampered> {
        match self {
            Self::Plain(json) => Ok(Cow::Borrowed(json)),
            Self::Sealed(sealed) => vault.open(PURPOSE, sealed).map(Cow::Owned),
        }
    }

    pub(crate) fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) | Self::Sealed(bytes) => bytes,
        }
    }
}

impl Delivery {
    /// The columns of a delivery, the same in every table that holds one.
    pub(crate) const COLUMNS: &str = "event_id, type, topic, key, payload, sealed, traceparent, recorded_at";

    /// The values of [`Delivery::COLUMNS`].
    pub(crate) fn values(&self) -> [Value; 8] {
        [
            self.id.into(),
            self.event_type.as_str().into(),
            self.topic.as_str().into(),
            self.key.as_str().into(),
            self.payload.bytes().to_vec().into(),
            self.payload.is_sealed().into(),
            self.traceparent.as_ref().map(TraceParent::as_str).into(),
            self.recorded_at.into(),
        ]
    }

    /// The delivery in a row whose columns from number `first` on are [`Delivery::COLUMNS`]. By number, because the relay reads a
    /// hundred thousand a second, and to search for a name takes longer than to read what stands there.
    pub(crate) fn read(row: &QueryResult, first: usize) -> Result<Self, DbErr> {
        let payload = row.try_get_by_index(first + 4)?;
        let traceparent: Option<String> = row.try_get_by_index(first + 6)?;
        Ok(Self {
            id: row.try_get_by_index(first)?,
            event_type: row.try_get_by_index(first + 1)?,
            topic: row.try_get_by_index(first + 2)?,
            key: row.try_get_by_index(first + 3)?,
            payload: match row.try_get_by_index(first + 5)? {
                true => Payload::Sealed(payload),
                false => Payload::Plain(payload),
            },
            traceparent: traceparent.as_deref().and_then(TraceParent::parse),
            recorded_at: row.try_get_by_index(first + 7)?,
        })
    }
}
