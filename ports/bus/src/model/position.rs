//! Places in the outbox, read as the log that it is.

use std::sync::Arc;

/// Up to where a reader has come: it needs nothing that was committed before its cut, and nothing in it up to `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogPosition {
    pub(crate) cut: SnapshotRange,
    pub(crate) seq: i64,
}

impl LogPosition {
    /// Whether `found` was read from another server than this, or from the same one after it was started again. It may not have
    /// done what this says, as a replica that lagged, and give the same numbers to other transactions.
    pub(crate) fn is_of_another_server(&self, found: &Self) -> bool {
        let server = |cut: &SnapshotRange| match cut {
            SnapshotRange::Whole => None,
            SnapshotRange::Between { server, .. } => Some(Arc::clone(server)),
        };
        server(&self.cut) != server(&found.cut)
    }
}

/// Rows that are read in one go, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SnapshotRange {
    /// All rows, for ever.
    Whole,
    /// Those that were committed between two snapshots of one server, which is known by its start.
    Between { seen: Arc<str>, until: Arc<str>, server: Arc<str> },
}
