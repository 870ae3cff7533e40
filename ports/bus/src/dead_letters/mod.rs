//! What an operator can do with the events that consumers gave up.
//!
//! Everything happens in the database, so it works beside a running server, from another process too. Secrets are masked
//! in all that is shown.

mod letter;

use database::{Database, Result};

pub use letter::{Action, DeadLetter, DeadLetterId, Details, Filter, State};

use crate::model::Stage;
use crate::store;
use crate::store::dead_letter::Row;
use crate::store::parked::Waiting;

/// Which letters to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that nobody has dealt with.
    Open,
    /// Also those that were replayed or discarded.
    All,
}

/// Whether to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Only tell what acting would do.
    Dry,
    /// Act.
    Real,
}

/// Letters closed in one transaction, so that other writers are not kept waiting.
const BATCH: usize = 100;

/// The letters that `filter` lets through, oldest first.
///
/// # Errors
/// The database failed.
pub async fn list(database: &Database, filter: &Filter, scope: Scope) -> Result<Vec<DeadLetter>> {
    let state = match scope {
        Scope::Open => Some(State::Open),
        Scope::All => None,
    };
    let rows = store::dead_letter::find(database, filter, state).await?;
    Ok(rows.iter().map(|row| DeadLetter::of(row, database.vault())).collect())
}

/// One letter with all that is known of it.
///
/// # Errors
/// The database failed.
pub async fn show(database: &Database, id: DeadLetterId) -> Result<Option<Details>> {
    let rows = store::dead_letter::find(database, &Filter::only(id), None).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let history = store::dead_letter::actions(database, id).await?;
    Ok(Some(Details::of(row, history, database.vault())))
}

/// Gives open letters back to the consumers that failed, each behind what waits of its key there, and tells which.
/// A letter that was dealt with before is left alone.
///
/// # Errors
/// The database failed; what was replayed before stays replayed.
pub async fn replay(database: &Database, filter: &Filter, run: Run, actor: &str) -> Result<Vec<DeadLetter>> {
    close(database, filter, run, Closing { state: State::Replayed, actor }).await
}

/// Closes open letters for good, erases their secrets, and tells which.
///
/// # Errors
/// The database failed; what was discarded before stays discarded.
pub async fn discard(database: &Database, filter: &Filter, run: Run, actor: &str) -> Result<Vec<DeadLetter>> {
    close(database, filter, run, Closing { state: State::Discarded, actor }).await
}

/// Into which state letters go, and who put them there.
#[derive(Clone, Copy)]
struct Closing<'a> {
    state: State,
    actor: &'a str,
}

async fn close(database: &Database, filter: &Filter, run: Run, closing: Closing<'_>) -> Result<Vec<DeadLetter>> {
    let open = store::dead_letter::find(database, filter, Some(State::Open)).await?;
    match run {
        Run::Dry => Ok(open.iter().map(|row| DeadLetter::of(row, database.vault())).collect()),
        Run::Real => {
            let mut closed = Vec::new();
            for rows in open.chunks(BATCH) {
                closed.extend(close_batch(database, rows, closing).await?);
            }
            Ok(closed)
        }
    }
}

async fn close_batch(database: &Database, rows: &[Row], closing: Closing<'_>) -> Result<Vec<DeadLetter>> {
    let Closing { state, actor } = closing;
    let mut closed = Vec::new();
    let tx = database.begin_write().await?;
    for row in rows {
        let letter = DeadLetter { state, ..DeadLetter::of(row, tx.vault()) };
        // What was shown is all that stays: a replayed payload stands among the parked ones now.
        let remains = letter.payload.to_string().into_bytes();
        if !store::dead_letter::close(&tx, row.id, state, remains).await? {
            continue;
        }
        store::dead_letter::record_action(&tx, row.id, state, actor).await?;
        if state == State::Replayed {
            let waiting = Waiting { stage: Stage::Hear, attempts: 0, reason: "", next_at: tx.now() };
            store::parked::push(&tx, &row.consumer, &row.delivery, waiting).await?;
        }
        closed.push(letter);
    }
    tx.announce();
    tx.commit().await?;
    Ok(closed)
}
