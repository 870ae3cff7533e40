//! What an operator can do with the events that consumers gave up.
//!
//! Everything happens in the database, so it works beside a running server, from another process too. Secrets are masked
//! in all that is shown.

mod closing;
mod letter;
mod names;

use clock::Timestamp;
use contracts::Event;
use database::{Database, Result, WriteTransaction};
use uuid::Uuid;

pub use closing::{CannotClose, Closing, Operation, Resolution, RunMode, close, close_one};
pub use letter::{Action, DeadLetter, DeadLetterId, Details, Filter, State};
pub use names::{UnknownName, check_names};

use crate::delivery::{Delivery, Payload};
use crate::model::{Cause, Refusal};
use crate::store;
use crate::store::dead_letter::Buried;
use crate::text;

/// An event that a consumer has heard and kept aside, and can't do anything with after all.
#[derive(Debug, Clone, Copy)]
pub struct GivenUp<'a> {
    /// Its CloudEvents id.
    pub id: Uuid,
    /// Its key.
    pub key: &'a str,
    /// Its value.
    pub json: &'a [u8],
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Why, for an operator. Never repeats a secret.
    pub reason: &'a str,
}

/// Which letters to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that are in this state.
    Only(State),
    /// Those in any state.
    All,
}

/// Which part of a list to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Behind which letter; from the oldest when absent.
    pub after: Option<DeadLetterId>,
    /// At most how many.
    pub limit: u64,
}

/// Makes a dead letter of an event `E` that `consumer` gives up with the open transaction, as if it had refused it when it heard it.
///
/// # Errors
/// The database failed.
pub async fn give_up<E: Event>(tx: &WriteTransaction, consumer: &str, given_up: GivenUp<'_>) -> Result<()> {
    let GivenUp { id, key, json, recorded_at, reason } = given_up;
    let delivery = Delivery {
        id,
        event_type: E::TYPE.to_owned(),
        topic: E::TOPIC.to_owned(),
        key: text::without_null(key),
        payload: if E::SECRET { Payload::seal(tx.vault(), json) } else { Payload::Plain(json.to_vec()) },
        traceparent: None,
        recorded_at,
    };
    let buried = Buried { cause: Cause::Refused(Refusal::ByConsumer), attempts: 1, reason };
    store::dead_letter::insert(tx, consumer, &delivery, buried).await
}

/// The letters that `filter` lets through, oldest first, as they would be replayed.
///
/// # Errors
/// The database failed.
pub async fn list(database: &Database, filter: &Filter, scope: Scope, slice: Slice) -> Result<Vec<DeadLetter>> {
    let rows = store::dead_letter::find(database, filter, scope, slice).await?;
    Ok(rows.iter().map(|row| DeadLetter::of(row, database.vault())).collect())
}

/// One letter with all that is known of it.
///
/// # Errors
/// The database failed.
pub async fn show(database: &Database, id: DeadLetterId) -> Result<Option<Details>> {
    let Some(row) = store::dead_letter::find_one(database, id).await? else { return Ok(None) };
    let history = store::dead_letter::actions(database, id).await?;
    Ok(Some(Details::of(&row, history, database.vault())))
}
