//! Dead letters as operators see them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use database::Vault;
use sea_orm::{ActiveEnum, DeriveActiveEnum, DeriveValueType, EnumIter, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::secrets;
use crate::store::dead_letter::Row;

/// The number of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, DeriveValueType)]
#[serde(transparent)]
pub struct DeadLetterId(pub i64);

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[schema(as = DeadLetterState)]
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

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

/// An event that a consumer gave up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
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
    pub created_at: DateTime<Utc>,
}

/// A dead letter with its event's origin and its own history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DeadLetterDetails)]
pub struct Details {
    /// The letter.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// The CloudEvents id of the event.
    pub event_id: Uuid,
    /// When the event was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The trace that the event belongs to.
    pub traceparent: Option<String>,
    /// What operators did with it, oldest first.
    pub history: Vec<Action>,
}

/// What an operator did with a dead letter.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, FromQueryResult)]
#[schema(as = DeadLetterAction)]
pub struct Action {
    /// The state it was put into.
    pub action: State,
    /// Who did it.
    pub actor: String,
    /// When.
    pub acted_at: DateTime<Utc>,
}

/// Which dead letters are meant: those that match all that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Given up by this consumer.
    pub consumer: Option<String>,
    /// Read in this topic.
    pub topic: Option<String>,
    /// Of exactly this key.
    pub key: Option<String>,
    /// With a reason that contains this text.
    pub reason: Option<String>,
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
