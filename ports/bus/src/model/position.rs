//! Places in the outbox, read as the log that it is.

use std::sync::Arc;

/// Up to where a reader has come: it needs nothing that was committed before its cut, and nothing in it up to `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogPosition {
    pub(crate) cut: SnapshotRange,
    pub(crate) seq: i64,
}

impl LogPosition {
    /// Whether a server that answered with `found` has begun fewer transactions than this one knows of: a replica that lagged
    /// took its place.
    pub(crate) fn is_ahead_of(&self, found: &Self) -> bool {
        let begun = |cut: &SnapshotRange| match cut {
            SnapshotRange::Whole => None,
            SnapshotRange::Between { until, .. } => until.split(':').nth(1)?.parse::<u64>().ok(),
        };
        begun(&self.cut) > begun(&found.cut)
    }
}

/// Rows that are read in one go, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SnapshotRange {
    /// All rows, for ever.
    Whole,
    /// Those that were committed between two snapshots.
    Between { seen: Arc<str>, until: Arc<str> },
}
