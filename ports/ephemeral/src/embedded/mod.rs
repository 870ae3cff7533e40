//! The adapter for one process with a data folder: a log-structured tree on its own disk and no other program.
//!
//! A write is handed to the operating system before it is answered, so what was answered survives `kill -9`; the rounds
//! of [`Embedded::maintain`] force it to the disk. One process opens a folder at a time.

mod disk;
mod fault;
mod feeds;
mod folder;
mod instant;
mod misdated;
mod row;
mod sliding_window;
mod sweep;
mod tree;
mod values;
mod windows;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clock::Sources;
use tokio::sync::watch;

use crate::{Count, EphemeralError, EphemeralStore, Expiring, Followed, Members, Position, Result, Swap, Window};
use disk::Disk;
use instant::Instant;
use row::Entry;
use tree::Tree;

/// More than any follower asks for, and far from where adding it to the time would overflow.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// An expiring store in a folder of its own, cheap to clone.
///
/// Its operations call the tree right where they are polled: that takes microseconds, mostly in memory, where a hand-over
/// to another thread and back costs several times as much. What waits for the disk is left to [`Embedded::maintain`].
#[derive(Clone)]
pub struct Embedded {
    disk: Arc<Disk>,
    appended: watch::Sender<()>,
    sources: Sources,
}

impl Embedded {
    /// Opens the store in `folder`, which is made when missing. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// The folder can't be made, written or locked, or holds something else.
    pub fn open(folder: &Path, sources: Sources) -> Result<Self> {
        Ok(Self { disk: Arc::new(Disk::open(folder)?), appended: watch::Sender::new(()), sources })
    }

    /// One round of maintenance, wanted about every second: what was dated by a clock that is set right since is dated anew,
    /// what expired leaves the disk, what is new is forced to it, and a store that an earlier disk error closed is opened again.
    ///
    /// # Errors
    /// The disk fails; the next round tries again.
    pub async fn maintain(&self) -> Result<()> {
        let sources = self.sources.clone();
        self.blocking(move |disk| {
            disk.reopen()?;
            let mut dated = Some(Entry::first());
            while let Some(start) = dated {
                dated = disk.run(|tree| tree.date_anew(start, Instant::of(sources.now())))?;
            }
            while disk.run(|tree| tree.sweep(Instant::of(sources.now())))? {}
            // An idle store leaves the disk asleep.
            if disk.run(|tree| Ok(tree.take_unsynced()))? { disk.sync() } else { Ok(()) }
        })
        .await
    }

    /// Forces everything answered so far to the disk, as before a shutdown.
    ///
    /// # Errors
    /// The disk fails.
    pub async fn flush(&self) -> Result<()> {
        self.blocking(Disk::sync).await
    }

    async fn blocking(&self, work: impl FnOnce(&Disk) -> Result<()> + Send + 'static) -> Result<()> {
        let disk = Arc::clone(&self.disk);
        let done = tokio::task::spawn_blocking(move || work(&disk)).await;
        done.map_err(|panicked| EphemeralError::Unavailable(Box::new(panicked)))?
    }

    /// Runs `work`, which is about the key or feed called `name`, on the tree, and nothing else at the same time.
    fn at<T>(&self, name: &str, work: impl FnOnce(&mut Tree, Instant) -> Result<T>) -> Result<T> {
        if name.len() > row::LONGEST_NAME {
            return Err(EphemeralError::Unavailable(format!("a name of {} bytes does not fit", name.len()).into()));
        }
        self.disk.run(|tree| work(tree, Instant::of(self.sources.now())))
    }
}

#[async_trait]
impl EphemeralStore for Embedded {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.at(key, |tree, now| tree.get(key, now))
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        self.at(key, |tree, now| tree.put(key, Expiring { value, ttl }, now))
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        self.at(key, |tree, now| tree.swap(key, expected, new, now))
    }

    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count> {
        self.at(key, |tree, now| tree.count(key, member, window, now))
    }

    async fn uncount(&self, key: &str, members: Members<'_>) -> Result<()> {
        self.at(key, |tree, now| tree.uncount(key, members, now))
    }

    async fn append(&self, feed: &str, entry: &[u8], keep: Duration) -> Result<Position> {
        let position = self.at(feed, |tree, now| tree.append(feed, Expiring { value: entry, ttl: keep }, now))?;
        self.appended.send_replace(());
        Ok(position)
    }

    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> Result<Followed> {
        // Before the first read, so that no append slips through between reading and waiting.
        let mut appended = self.appended.subscribe();
        let mut waited = pin!(self.sources.sleep(wait.min(MAX_TIMEOUT)));
        loop {
            let followed = self.at(feed, |tree, now| tree.read_behind(feed, after, now))?;
            if followed.gap || !followed.entries.is_empty() {
                return Ok(followed);
            }
            tokio::select! {
                biased;
                _ = appended.changed() => (),
                () = &mut waited => return Ok(followed),
            }
        }
    }

    async fn incarnation(&self) -> Result<String> {
        self.disk.run(|tree| Ok(tree.incarnation().to_string()))
    }

    fn connections(&self) -> u64 {
        self.disk.openings()
    }
}
