//! Letters are closed in batches, each in one transaction, however many there are.

use database::{Database, DatabaseError, Result};

use super::letter::{DeadLetter, DeadLetterId, Filter, State};
use super::{Scope, Slice, show};
use crate::announced::Subject;
use crate::store;
use crate::store::dead_letter::Row;

/// Letters closed in one transaction, so that other writers are not kept waiting.
const BATCH: u64 = 100;

/// Whether to act, or to show what acting would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// Nothing is changed.
    Dry,
    /// What is shown is done.
    Real,
}

/// Why one letter was not closed.
#[derive(Debug, thiserror::Error)]
pub enum CannotClose {
    /// There is none with this number.
    #[error("there is no dead letter {0}")]
    Unknown(DeadLetterId),
    /// It was dealt with before.
    #[error("dead letter {id} is not open: it was {state}")]
    NotOpen {
        /// Its number.
        id: DeadLetterId,
        /// What became of it.
        state: State,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What to do with open letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Gives them back to the consumers that failed, each behind what waits of its key there.
    Replay,
    /// Closes them for good and erases their secrets.
    Discard,
}

/// What is to become of letters, and who says so.
#[derive(Debug, Clone, Copy)]
pub struct Resolution<'a> {
    /// What to do.
    pub operation: Operation,
    /// Whether to do it.
    pub run: RunMode,
    /// Who does it, for the letters' history.
    pub actor: &'a str,
}

/// Closes the open letters that `filter` lets through. What was dealt with before is left alone.
pub fn close<'a>(database: &'a Database, filter: &'a Filter, resolution: Resolution<'a>) -> Closing<'a> {
    Closing { database, filter, resolution, after: None, until: None }
}

/// Does with one letter what [`close`] does with many.
///
/// # Errors
/// There is no such letter, it is not open, or the database failed.
pub async fn close_one(
    database: &Database,
    id: DeadLetterId,
    resolution: Resolution<'_>,
) -> Result<DeadLetter, CannotClose> {
    let row = store::dead_letter::find_one(database, id).await?.ok_or(CannotClose::Unknown(id))?;
    let closed = match row.state {
        State::Open => close_batch(database, &[row], resolution).await?.pop(),
        State::Replayed | State::Discarded => None,
    };
    match closed {
        Some(letter) => Ok(letter),
        // Asked again: somebody else may have closed it since it was read.
        None => {
            let details = show(database, id).await?.ok_or(CannotClose::Unknown(id))?;
            Err(CannotClose::NotOpen { id, state: details.letter.state })
        }
    }
}

impl Operation {
    /// What letters are afterwards.
    fn leads_to(self) -> State {
        match self {
            Self::Replay => State::Replayed,
            Self::Discard => State::Discarded,
        }
    }
}

/// Letters on their way into another state, oldest first. Those that are given up meanwhile are not among them: one that
/// fails again at once is not closed again.
#[must_use = "each batch is closed only when it is asked for"]
pub struct Closing<'a> {
    database: &'a Database,
    filter: &'a Filter,
    resolution: Resolution<'a>,
    after: Option<DeadLetterId>,
    until: Option<DeadLetterId>,
}

impl Closing<'_> {
    /// Closes the next batch and answers which letters it held; `None` when all are closed.
    ///
    /// # Errors
    /// The database failed: this batch stays as it was, those before stay closed.
    pub async fn next(&mut self) -> Result<Option<Vec<DeadLetter>>> {
        if self.until.is_none() {
            self.until = store::dead_letter::newest(self.database).await?;
        }
        let slice = Slice { after: self.after, limit: BATCH };
        let mut open = store::dead_letter::find(self.database, self.filter, Scope::Only(State::Open), slice).await?;
        open.retain(|row| Some(row.id) <= self.until);
        let Some(last) = open.last() else { return Ok(None) };
        self.after = Some(last.id);
        close_batch(self.database, &open, self.resolution).await.map(Some)
    }
}

/// Closes those of `open` that still are, and answers which.
async fn close_batch(database: &Database, open: &[Row], resolution: Resolution<'_>) -> Result<Vec<DeadLetter>> {
    let Resolution { operation, run, actor } = resolution;
    let state = operation.leads_to();
    let letter = |row| DeadLetter::of(row, database.vault());
    if run == RunMode::Dry {
        return Ok(open.iter().map(letter).collect());
    }
    let ids: Vec<DeadLetterId> = open.iter().map(|row| row.id).collect();
    // A consumer may just be at the queue of one of these keys.
    let queues = open.iter().map(|row| store::parked::turn(&row.consumer, &row.delivery)).collect();
    let tx = database.begin_locked_each(queues).await?;
    let closed = store::dead_letter::close(&tx, &ids, state).await?;
    if operation == Operation::Replay {
        store::dead_letter::park(&tx, &closed).await?;
        for row in open {
            tx.announce(&Subject::Parked(&row.consumer).to_string());
        }
    }
    store::dead_letter::record_action(&tx, &closed, state, actor).await?;
    let mut letters = Vec::new();
    for row in open.iter().filter(|row| closed.contains(&row.id)) {
        let letter = DeadLetter { state, ..letter(row) };
        if row.delivery.payload.is_sealed() {
            // What was shown is all that stays: a replayed payload stands among the parked ones now.
            store::dead_letter::erase(&tx, row.id, letter.payload.to_string().into_bytes()).await?;
        }
        letters.push(letter);
    }
    tx.commit().await?;
    Ok(letters)
}
