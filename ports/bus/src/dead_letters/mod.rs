//! What an operator can do with the events that consumers gave up.
//!
//! Everything happens in the database, so it works beside a running server, from another process too. Secrets are masked
//! in all that is shown.

mod closing;
mod letter;
mod names;

use database::{Database, Result};

pub use closing::{CannotClose, Closing, Operation, Resolution, RunMode, close, close_one};
pub use letter::{Action, DeadLetter, DeadLetterId, Details, Filter, State};
pub use names::{UnknownName, check_names};

use crate::store;

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
