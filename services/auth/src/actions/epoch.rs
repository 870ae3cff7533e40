//! Which refresh states can be believed without the ledger.

use std::sync::{Mutex, MutexGuard, PoisonError};

use clock::{SetBack, Timestamp};
use ephemeral::EphemeralStore;
use uuid::Uuid;

/// The epoch of the feed that this process saw last, and what it knew by then.
#[derive(Default)]
pub(crate) struct EpochCache {
    seen: Mutex<Option<CachedEpoch>>,
    clock: Mutex<SetBack>,
}

#[derive(Clone, Copy)]
struct CachedEpoch {
    epoch: Uuid,
    /// How often it had connected to the store.
    connections: u64,
    /// Of which gaps in the feed it had made good what was lost.
    gaps: u64,
}

impl EpochCache {
    /// Notes that `epoch` stands in the store, as it was after so many connections and gaps, and holds all that matters.
    pub(super) fn set(&self, epoch: Uuid, connections: u64, gaps: u64) {
        *lock(&self.seen) = Some(CachedEpoch { epoch, connections, gaps });
        lock(&self.clock).acknowledge();
    }

    /// Whether the feed has to be compared with the ledger: this process has just begun, entries were lost since it was,
    /// or the clock was ahead, by which what is in force has expired. Says so until [`EpochCache::set`].
    ///
    /// A process that begins can't spare that by the epoch that it finds, though it is of the incarnation that answers: gaps in
    /// the feed are seen by those who follow it alone, and nobody may have. So its start costs each session one query.
    pub(super) fn is_doubtful(&self, gaps: u64, now: Timestamp) -> bool {
        let is_set_back = lock(&self.clock).notice(now);
        is_set_back || lock(&self.seen).is_none_or(|seen| seen.gaps != gaps)
    }

    /// The epoch, unless the store may have come back as another one since it was seen: it is seen again within a second.
    pub(super) fn current(&self, store: &dyn EphemeralStore) -> Option<Uuid> {
        let seen = *lock(&self.seen);
        seen.filter(|seen| seen.connections == store.connections()).map(|seen| seen.epoch)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
