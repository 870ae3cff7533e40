//! The tree, or why there is none: once the disk has failed it stays closed until a round of maintenance opens it.
//!
//! fjall itself refuses everything after a failed write, because only recovery knows what of it reached the disk.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::folder;
use super::tree::Tree;
use crate::{EphemeralError, Result};

/// The place of the store, and the lock that makes each operation atomic.
pub(super) struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
    openings: AtomicU64,
}

enum State {
    Open(Tree),
    Closed { reason: String },
}

impl Disk {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            state: Mutex::new(State::Open(Tree::open(folder)?)),
            openings: AtomicU64::new(1),
        })
    }

    /// Runs `work` on the tree, nothing else at the same time, and closes the tree if the disk fails.
    pub(super) fn run<T>(&self, work: impl FnOnce(&mut Tree) -> Result<T>) -> Result<T> {
        let mut state = self.lock();
        let result = match &mut *state {
            State::Open(tree) => work(tree),
            State::Closed { reason } => return Err(EphemeralError::Unavailable(reason.clone().into())),
        };
        if let Err(EphemeralError::Unavailable(cause)) = &result {
            *state = State::Closed { reason: format!("closed by an earlier failure: {cause}") };
        }
        result
    }

    /// Forces what was answered so far to the disk; others go on meanwhile.
    pub(super) fn sync(&self) -> Result<()> {
        let synced = folder::sync_journals(&self.folder);
        self.run(|_| synced)
    }

    /// Opens a closed tree. All that was answered is there again; the write that failed may be.
    pub(super) fn reopen(&self) -> Result<()> {
        if self.is_closed() {
            // Without the lock, so that whoever asks meanwhile is refused at once.
            let tree = Tree::open(&self.folder)?;
            *self.lock() = State::Open(tree);
            self.openings.fetch_add(1, Ordering::Release);
            tracing::info!(folder = %self.folder.display(), "the ephemeral store is open again");
        }
        Ok(())
    }

    /// How often the tree was opened.
    pub(super) fn openings(&self) -> u64 {
        self.openings.load(Ordering::Acquire)
    }

    fn is_closed(&self) -> bool {
        matches!(*self.lock(), State::Closed { .. })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic leaves the tree whole: a batch is committed or it is not.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
