//! How fast dead letters are given back to their consumers when all are replayed, as the command line does it.

use std::time::Instant;

use anyhow::{Result, ensure};
use bus::dead_letters::{Filter, Operation, Resolution, RunMode, close};
use database::Database;

use crate::load::Work;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store;

const LETTERS: u32 = 10_000;
const ROUNDS: u32 = 3;

/// The slowest of some rounds, each with new letters of as many keys.
pub(crate) async fn of_all(servers: &Servers) -> Result<Row> {
    let database = servers.outbox("dead_letter_replay").await?;
    let mut rates = Vec::new();
    for round in 1..=ROUNDS {
        store::fill_dead_letters(&database, LETTERS).await?;
        ensure!(replay_all(&database, RunMode::Dry).await? == LETTERS, "the dry run tells another number");

        let begun = Instant::now();
        let done = replay_all(&database, RunMode::Real).await?;
        rates.push(Work { done: done.into(), took: begun.elapsed() }.per_second());

        ensure!(done == LETTERS, "{done} letters were replayed");
        ensure!(store::parked(&database).await? == i64::from(LETTERS * round), "some were not given back");
        ensure!(replay_all(&database, RunMode::Real).await? == 0, "letters were replayed twice");
    }
    database.close().await?;
    let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let detail = format!("slowest of {ROUNDS} rounds of {LETTERS} letters; a second replay finds nothing");
    Ok(Row::new("dead letters replayed", slowest, "1/s", Target::AtLeast(2_000.0), detail))
}

/// How many letters it was, or would be.
async fn replay_all(database: &Database, run: RunMode) -> Result<u32> {
    let filter = Filter::default();
    let mut closing = close(database, &filter, Resolution { operation: Operation::Replay, run, actor: "bench" });
    let mut letters = 0;
    while let Some(batch) = closing.next().await? {
        letters += u32::try_from(batch.len())?;
    }
    Ok(letters)
}
