//! Which refresh states can be believed without the ledger.

use std::sync::{Mutex, PoisonError};

use ephemeral::EphemeralStore;
use uuid::Uuid;

/// The epoch of the feed that this process saw last, and how often it had connected to the store by then.
#[derive(Default)]
pub(crate) struct KnownEpoch(Mutex<Option<Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    epoch: Uuid,
    connections: u64,
}

impl KnownEpoch {
    /// Notes that `epoch` stands in the store, as it was after so many connections.
    pub(super) fn know(&self, epoch: Uuid, connections: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { epoch, connections });
    }

    /// The epoch, unless the store may have come back as another one since it was seen: it is seen again within a second.
    pub(super) fn current(&self, store: &dyn EphemeralStore) -> Option<Uuid> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|seen| seen.connections == store.connections()).map(|seen| seen.epoch)
    }
}
