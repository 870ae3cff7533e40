//! Follows the tables: what has changed lately, and once a minute the versions of all.
//!
//! Versions decide. Times only narrow what is read, so that a clock that is wrong, or a transaction that stays open for long,
//! delays a change until the next sweep and loses none.

use std::collections::{HashMap, HashSet};
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use clock::Timestamp;
use contracts::RestaurantId;
use database::Database;
use kit::Task;
use search::{Compacted, Index};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

use crate::metrics;
use crate::model::Facts;
use crate::store;

use super::RestaurantIndex;
use super::documents::complete;

/// How often it is checked what has changed, should no commit of this process have woken it.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// How long a transaction may be open that a poll still sees, and how far clocks may be apart.
const OPEN_WINDOW: TimeDelta = TimeDelta::seconds(15);
/// How often the versions of all are compared.
const SWEEP_INTERVAL: TimeDelta = TimeDelta::seconds(60);
/// How often at most, where more has changed than a poll reads.
const CROWDED_SWEEP_INTERVAL: TimeDelta = TimeDelta::seconds(5);
/// Changes that a poll reads; where there are more, a sweep finds them.
const MOST_CHANGES: u64 = 2_000;
/// Restaurants that are read whole at once.
const PAGE: u64 = 1_000;
/// Versions that are read at once.
const VERSION_PAGE: u64 = 5_000;

/// How far the tables have been followed.
#[derive(Default)]
pub(super) struct Progress {
    /// What is known of restaurants that nobody may find.
    hidden: HashMap<RestaurantId, i64>,
    newest: Option<Newest>,
    swept_at: Option<Timestamp>,
    compaction: Option<JoinHandle<Compaction>>,
}

/// An index, and all that counts of it in one segment.
type Compaction = (Arc<Index<Facts>>, Compacted<Facts>);

/// The newest change that was seen.
#[derive(Debug, Clone, Copy)]
struct Newest {
    /// When it was made, by the clock of whoever made it.
    touched_at: Timestamp,
    /// When it was seen, by ours.
    seen_at: Timestamp,
}

/// Follows until the platform stops.
pub(crate) fn task(index: &Arc<RestaurantIndex>) -> Task {
    let changed = Arc::new(Mutex::new(store::restaurant::announcements(&index.context.database)));
    let sources = index.context.sources.clone();
    let pause = move || {
        let (changed, sources) = (Arc::clone(&changed), sources.clone());
        async move {
            let mut changed = changed.lock().await;
            tokio::select! {
                () = sources.sleep(POLL_INTERVAL) => {}
                // The other side lives in the database.
                _ = changed.changed() => {}
            }
        }
    };
    let index = Arc::clone(index);
    Task::repeat("restaurant index", pause, move || {
        let index = Arc::clone(&index);
        async move { index.follow().await }
    })
}

impl RestaurantIndex {
    /// One round: reads all restaurants when that was never done, else what has changed.
    pub(crate) async fn follow(&self) -> anyhow::Result<()> {
        let mut progress = self.progress.lock().await;
        let Some(index) = self.current() else { return self.build(&mut progress).await };
        self.replace_compacted(&mut progress).await?;
        let is_crowded = self.read_changes(&mut progress).await?;
        if progress.is_sweep_due(self.context.now(), is_crowded) {
            self.sweep(&mut progress).await?;
        }
        if self.current().is_some_and(|now| !Arc::ptr_eq(&now, &index)) {
            self.compact_if_worn(&mut progress);
            self.report();
        }
        Ok(())
    }

    /// Reads all restaurants by their ids, and takes them apart meanwhile.
    async fn build(&self, progress: &mut Progress) -> anyhow::Result<()> {
        let begun_at = self.context.now();
        let newest = store::search::newest_change(self.database()).await?;
        let (documents, mut pages) = mpsc::channel(1);
        let building = spawn_blocking(move || Index::build(iter::from_fn(|| pages.blocking_recv()).flatten()));
        let (mut after, mut hidden) = (RestaurantId(Uuid::nil()), HashMap::new());
        loop {
            let rows = store::search::list_behind(self.database(), after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            let read = complete(self.database(), rows).await?;
            hidden.extend(read.hidden);
            documents.send(read.documents).await.context("nobody takes restaurants apart any more")?;
        }
        drop(documents);
        self.replace(building.await?);
        let newest = newest.map(|touched_at| Newest { touched_at, seen_at: self.context.now() });
        *progress = Progress { hidden, newest, swept_at: Some(begun_at), compaction: None };
        self.report();
        Ok(())
    }

    /// Reads what has changed lately anew; says whether there may be more of it.
    async fn read_changes(&self, progress: &mut Progress) -> anyhow::Result<bool> {
        let now = self.context.now();
        let changed = store::search::list_changed(self.database(), progress.since(now), MOST_CHANGES).await?;
        let is_new = |(id, version, _): &&_| self.known_version(progress, *id).is_none_or(|known| known < *version);
        let new: Vec<_> = changed.iter().filter(is_new).copied().collect();
        let ids: Vec<RestaurantId> = new.iter().map(|(id, ..)| *id).collect();
        self.read_again(progress, &ids).await?;
        new.iter().for_each(|(.., touched_at)| metrics::show_age(self.context.now() - *touched_at));
        if let Some((.., touched_at)) = changed.first() {
            progress.see(*touched_at, now);
        }
        Ok(changed.len() as u64 >= MOST_CHANGES)
    }

    /// Compares the versions of all, and reads anew what is not what is known, in either direction: a database may have been
    /// restored.
    async fn sweep(&self, progress: &mut Progress) -> anyhow::Result<()> {
        let begun_at = self.context.now();
        let known = self.current().into_iter().flat_map(|index| index.ids().map(RestaurantId).collect::<Vec<_>>());
        let mut missing: HashSet<RestaurantId> = known.chain(progress.hidden.keys().copied()).collect();
        let (mut after, mut different) = (RestaurantId(Uuid::nil()), Vec::new());
        loop {
            let versions = store::search::list_versions(self.database(), after, VERSION_PAGE).await?;
            let Some((last, _)) = versions.last() else { break };
            after = *last;
            for (id, version) in versions {
                missing.remove(&id);
                if self.known_version(progress, id) != Some(version) {
                    different.push(id);
                }
            }
        }
        different.extend(missing);
        self.read_again(progress, &different).await?;
        // One that failed is due again.
        progress.swept_at = Some(begun_at);
        Ok(())
    }

    /// Puts what these restaurants are now in the place of what is known of them.
    async fn read_again(&self, progress: &mut Progress, ids: &[RestaurantId]) -> anyhow::Result<()> {
        for ids in ids.chunks(PAGE as usize) {
            let Some(index) = self.current() else { break };
            let rows = store::search::list(self.database(), ids.to_vec()).await?;
            let read = complete(self.database(), rows).await?;
            let found: HashSet<Uuid> = read.documents.iter().map(|document| document.id).collect();
            let gone: Vec<Uuid> = ids.iter().map(|id| id.0).filter(|id| !found.contains(id)).collect();
            let documents = read.documents;
            self.replace(spawn_blocking(move || index.apply(documents, &gone)).await?);
            ids.iter().for_each(|id| _ = progress.hidden.remove(id));
            progress.hidden.extend(read.hidden);
            metrics::count_read(ids.len());
        }
        Ok(())
    }

    /// Begins to build the index anew beside searches and changes, once that is worth it.
    fn compact_if_worn(&self, progress: &mut Progress) {
        let worn = self.current().filter(|index| progress.compaction.is_none() && index.is_worn());
        progress.compaction = progress.compaction.take().or_else(|| {
            let index = worn?;
            Some(spawn_blocking(move || {
                let compacted = index.compact();
                (index, compacted)
            }))
        });
    }

    async fn replace_compacted(&self, progress: &mut Progress) -> anyhow::Result<()> {
        if let Some(finished) = progress.compaction.take_if(|compaction| compaction.is_finished())
            && let Some(index) = self.current()
        {
            let (earlier, compacted) = finished.await?;
            self.replace(spawn_blocking(move || index.replace(&earlier, &compacted)).await?);
            metrics::count_rebuilt();
        }
        Ok(())
    }

    fn known_version(&self, progress: &Progress, id: RestaurantId) -> Option<i64> {
        let indexed = self.current().and_then(|index| index.version(id.0));
        indexed.or_else(|| progress.hidden.get(&id).copied())
    }

    fn report(&self) {
        if let Some(index) = self.current() {
            metrics::show_index(index.len(), index.bytes());
        }
    }

    fn database(&self) -> &Database {
        &self.context.database
    }
}

impl Progress {
    /// After which instant changes may not have been seen. A change that is committed late bears the time when its transaction
    /// began; none bears one before that once the window has passed since the newest was seen.
    fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let Newest { touched_at, seen_at } = self.newest?;
        Some(touched_at - (OPEN_WINDOW - (now - seen_at).max(TimeDelta::zero())).max(TimeDelta::zero()))
    }

    /// A clock that is ahead must not hide what others change.
    fn see(&mut self, touched_at: Timestamp, now: Timestamp) {
        let touched_at = touched_at.min(now);
        if self.newest.is_none_or(|newest| newest.touched_at < touched_at) {
            self.newest = Some(Newest { touched_at, seen_at: now });
        }
    }

    fn is_sweep_due(&self, now: Timestamp, is_crowded: bool) -> bool {
        let interval = if is_crowded { CROWDED_SWEEP_INTERVAL } else { SWEEP_INTERVAL };
        // A clock may be set back.
        self.swept_at.is_none_or(|swept_at| !(TimeDelta::zero()..interval).contains(&(now - swept_at)))
    }
}
