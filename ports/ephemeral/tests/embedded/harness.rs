//! Stores in folders of their own, on a clock that the test moves.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use clock::{ManualClock, SeededRandom, Sources, Timestamp};
use ephemeral::contract::Harness;
use ephemeral::{Embedded, EphemeralStore};
use tempfile::TempDir;

/// The sources of a store whose time is `clock`.
pub(crate) fn sources(clock: &ManualClock) -> Sources {
    Sources::new(clock.clone(), SeededRandom::new(1))
}

pub(crate) struct Folders {
    root: TempDir,
    made: AtomicU32,
    clock: ManualClock,
    newest: Mutex<Option<Embedded>>,
}

impl Folders {
    fn folder(&self, number: u32) -> PathBuf {
        self.root.path().join(number.to_string())
    }

    fn open(&self, number: u32) -> Arc<dyn EphemeralStore> {
        let store = Embedded::open(&self.folder(number), sources(&self.clock)).unwrap();
        *self.newest.lock().unwrap() = Some(store.clone());
        Arc::new(store)
    }
}

#[async_trait]
impl Harness for Folders {
    fn is_wanted() -> bool {
        true
    }

    async fn start() -> Self {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        Self { root: tempfile::tempdir().unwrap(), made: AtomicU32::new(0), clock, newest: Mutex::new(None) }
    }

    async fn fresh(&self) -> Arc<dyn EphemeralStore> {
        self.open(self.made.fetch_add(1, Ordering::Relaxed))
    }

    async fn crash(&self, store: Arc<dyn EphemeralStore>) -> Arc<dyn EphemeralStore> {
        // What the operating system holds while the store is still open is what a kill would leave.
        let next = self.made.fetch_add(1, Ordering::Relaxed);
        copy(&self.folder(next - 1), &self.folder(next));
        drop(store);
        self.open(next)
    }

    fn now(&self) -> Timestamp {
        sources(&self.clock).now()
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn set_clock_back(&self, _store: &dyn EphemeralStore, time: Duration) {
        self.clock.set_back(time);
    }

    async fn fresh_ahead(&self, time: Duration) -> Arc<dyn EphemeralStore> {
        self.clock.advance(time);
        self.fresh().await
    }

    async fn set_own_clock_back(&self, time: Duration) {
        self.clock.set_back(time);
        let store = self.newest.lock().unwrap().clone();
        store.unwrap().maintain().await.unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
