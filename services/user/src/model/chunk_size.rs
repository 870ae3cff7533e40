//! How many followers one transaction takes on: as many as leave everybody else their turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const SMALLEST: u64 = 100;
const LARGEST: u64 = 500;
/// A chunk that took longer keeps others waiting: on SQLite nobody else writes meanwhile.
const CHUNK_TIMEOUT: Duration = Duration::from_millis(50);

/// The size of the next chunk of this process.
#[derive(Debug)]
pub(crate) struct ChunkSize(AtomicU64);

impl ChunkSize {
    pub(crate) const LARGEST: u64 = LARGEST;

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// After a chunk that took so long.
    pub(crate) fn adapt(&self, took: Duration) {
        let size = self.get();
        let next = if took <= CHUNK_TIMEOUT { size * 2 } else { size / 2 };
        self.0.store(next.clamp(SMALLEST, LARGEST), Ordering::Relaxed);
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self(AtomicU64::new(SMALLEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_grow_while_they_are_quick_and_shrink_when_they_are_not() {
        let size = ChunkSize::default();
        let after = |milliseconds| {
            size.adapt(Duration::from_millis(milliseconds));
            size.get()
        };

        assert_eq!([50, 1, 1, 51, 900, 900, 900].map(after), [200, 400, 500, 250, 125, 100, 100]);
    }
}
