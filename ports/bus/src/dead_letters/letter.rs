//! Dead letters as operators see them.

use std::fmt;
use std::str::FromStr;

use clock::Timestamp;
use database::Vault;
use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use crate::secrets;
use crate::store::dead_letter::Row;

/// The number of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, DeriveValueType)]
#[serde(transparent)]
pub struct DeadLetterId(i64);

impl fmt::Display for DeadLetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DeadLetterId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What became of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// Nothing yet.
    Open,
    /// It was given back to its consumer.
    Replayed,
    /// It was closed for good.
    Discarded,
}

/// An event that a consumer gave up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetter {
    /// Its number.
    pub id: DeadLetterId,
    /// Who gave it up.
    pub consumer: String,
    /// Where it was read.
    pub topic: String,
    /// The key whose order it belongs to.
    pub key: String,
    /// What went wrong at the last attempt.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The event, its secrets masked.
    pub payload: serde_json::Value,
    /// What became of it.
    pub state: State,
    /// When it was given up.
    pub created_at: Timestamp,
}

/// A dead letter with its event's origin and its own history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Details {
    /// The letter.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// The CloudEvents id of the event.
    pub event_id: Uuid,
    /// When the event was recorded.
    pub recorded_at: Timestamp,
    /// The trace that the event belongs to.
    pub traceparent: Option<String>,
    /// What operators did with it, oldest first.
    pub history: Vec<Action>,
}

/// What an operator did with a dead letter.
#[derive(Debug, Clone, PartialEq, Serialize, FromQueryResult)]
pub struct Action {
    /// The state it was put into.
    pub action: State,
    /// Who did it.
    pub actor: String,
    /// When.
    pub acted_at: Timestamp,
}

/// Which dead letters are meant: those that match all that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The one with this number.
    pub id: Option<DeadLetterId>,
    /// Given up by this consumer.
    pub consumer: Option<String>,
    /// Read in this topic.
    pub topic: Option<String>,
    /// Of exactly this key.
    pub key: Option<String>,
    /// With a reason that contains this text.
    pub reason: Option<String>,
}

impl Filter {
    /// The one letter with this number.
    #[must_use]
    pub fn only(id: DeadLetterId) -> Self {
        Self { id: Some(id), ..Self::default() }
    }
}

impl DeadLetter {
    pub(crate) fn of(row: &Row, vault: &Vault) -> Self {
        Self {
            id: row.id,
            consumer: row.consumer.clone(),
            topic: row.delivery.topic.clone(),
            key: row.delivery.key.clone(),
            reason: row.reason.clone(),
            attempts: row.attempts,
            payload: secrets::shown(&row.delivery.payload, vault),
            state: row.state,
            created_at: row.created_at,
        }
    }
}

impl Details {
    pub(crate) fn of(row: &Row, history: Vec<Action>, vault: &Vault) -> Self {
        Self {
            letter: DeadLetter::of(row, vault),
            event_id: row.delivery.id,
            recorded_at: row.delivery.recorded_at,
            traceparent: row.delivery.traceparent.as_ref().map(|trace| trace.as_str().to_owned()),
            history,
        }
    }
}
