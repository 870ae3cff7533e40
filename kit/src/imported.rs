//! What became of rows that came from somewhere else.

use std::collections::BTreeMap;

use serde::Serialize;

/// The counts of one table.
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
