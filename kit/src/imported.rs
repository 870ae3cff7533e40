//! Tables of the first platform that a service goes on with, where they stand in the same database.

use std::collections::BTreeMap;

use bus::dead_letters::RunMode;
use database::{Database, ImportTransaction, Migrations, Result};
use serde::Serialize;

/// What the first platform keeps of one service. Nothing writes there.
pub trait FirstPlatform {
    /// Whether any of its tables is there.
    fn is_in(tx: &ImportTransaction) -> impl Future<Output = Result<bool>> + Send;

    /// Adds what is not known here; what stands here already stays as it is.
    fn copy(tx: &ImportTransaction) -> impl Future<Output = Result<Vec<Imported>>> + Send;
}

/// Catches up with the first platform in the tables that `into` makes; `None` where it has left nothing of the kind.
///
/// # Errors
/// The database is away, or its tables are not up to date.
pub async fn import_first_platform<P: FirstPlatform>(
    database: &Database,
    into: Migrations,
    run: RunMode,
) -> Result<Option<Vec<Imported>>> {
    let tx = database.begin_import().await?;
    if !P::is_in(&tx).await? {
        return Ok(None);
    }
    database.check_schema(into).await?;
    let imported = P::copy(&tx).await?;
    match run {
        RunMode::Real => tx.commit().await?,
        RunMode::Dry => tx.rollback().await?,
    }
    Ok(Some(imported))
}

/// What became of the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The table that was read.
    pub from: &'static str,
    /// The table of ours that was added to.
    pub to: &'static str,
    /// Rows that were added.
    pub new: u64,
    /// Rows that were known already, and stay as they are here.
    pub known: u64,
    /// Rows that can't be ours, by the reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

impl Imported {
    /// Nothing yet.
    #[must_use]
    pub fn new(from: &'static str, to: &'static str) -> Self {
        Self { from, to, new: 0, known: 0, skipped: BTreeMap::new() }
    }

    /// Counts `rows` that can't be ours because of `reason`.
    pub fn skip(&mut self, reason: &'static str, rows: u64) {
        if rows > 0 {
            *self.skipped.entry(reason).or_default() += rows;
        }
    }
}
