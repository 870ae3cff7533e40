//! Who watches orders in this process, and what they have not seen yet.
//!
//! Whoever watches has an inbox with the newest state of each order that has changed: a slow client skips steps, and its inbox
//! never holds more than the names of its orders and some KiB of them. What is read for one is shared by all.

mod inbox;
mod report;
mod shown;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use clock::Timestamp;
use contracts::{Locale, OrderId};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::model::Audience;
use inbox::Inbox;

pub(crate) use inbox::Unseen;
pub(crate) use report::{OrderReport, Revision};
pub(crate) use shown::{Shown, ShownOrder};

/// How far back changes are read that nobody has reported: a process may have died between its commit and its report, its clock
/// may be a minute behind, and its transaction may have taken seconds.
pub(crate) const SEARCH_WINDOW: Duration = Duration::from_secs(75);
/// How far back they are read each second: so soon most are found that a process could not report.
const RECENT_WINDOW: Duration = Duration::from_secs(3);
/// How often all of that is read.
const SEARCH_INTERVAL: Duration = Duration::from_secs(5);
/// Further back nobody searches.
const LONGEST_SEARCH_WINDOW: Duration = Duration::from_secs(10 * 60);
/// Streams that read at a time.
const MOST_READERS: usize = 3;
/// Orders of which it is known that they can't be read. It is a fault of ours if there is any.
const MOST_UNREADABLE: usize = 1_000;
/// How long it is known which state was handed on.
const HANDED_ON_RETENTION: Duration = Duration::from_secs(2 * 60);

/// An order as it is shown to whoever watches it.
#[derive(Debug)]
pub(crate) struct LiveOrder {
    pub(crate) report: OrderReport,
    /// Its restaurant has to do with it.
    pub(crate) was_placed: bool,
    pub(crate) closed_at: Option<Timestamp>,
    /// JSON in each language.
    pub(crate) tr: Bytes,
    pub(crate) en: Bytes,
}

/// All who watch orders in this process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Watchers(Arc<Inner>);

struct Inner {
    readers: Semaphore,
    watched: Mutex<Watched>,
    /// The feed of other processes can't be read.
    is_feed_away: AtomicBool,
    /// Something may have been missed.
    is_behind: AtomicBool,
}

#[derive(Default)]
struct Watched {
    inboxes: HashMap<Audience, Vec<Arc<Inbox>>>,
    /// The newest state of each order that was handed on lately, and when.
    handed_on: HashMap<OrderId, (Revision, Timestamp)>,
    /// Orders that could not be read.
    unreadable: HashMap<OrderId, OrderReport>,
    searched_at: Option<Timestamp>,
}

/// Changes that are to be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// None: nobody watches.
    None,
    /// Those since then.
    Recent(Timestamp),
    /// All that may have been missed.
    All,
}

/// Somebody who watches; they watch no longer once this is dropped.
pub(crate) struct Watch {
    watchers: Watchers,
    audience: Audience,
    inbox: Arc<Inbox>,
}

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Inner {
            readers: Semaphore::new(MOST_READERS),
            watched: Mutex::default(),
            is_feed_away: AtomicBool::new(false),
            is_behind: AtomicBool::new(false),
        }))
    }
}

impl LiveOrder {
    pub(crate) fn body(&self, locale: Locale) -> Bytes {
        match locale {
            Locale::Tr => self.tr.clone(),
            Locale::En => self.en.clone(),
        }
    }

    pub(crate) fn shown(&self) -> ShownOrder {
        let OrderReport { order_id, revision, .. } = self.report;
        ShownOrder { id: order_id, revision, closed_at: self.closed_at }
    }

    /// How many bytes it holds.
    fn size(&self) -> usize {
        self.tr.len() + self.en.len()
    }
}

impl Watchers {
    /// Somebody more. Whatever changes from now on comes into their inbox.
    pub(crate) fn watch(&self, audience: Audience) -> Watch {
        let inbox = Arc::<Inbox>::default();
        self.lock().inboxes.entry(audience).or_default().push(Arc::clone(&inbox));
        Watch { watchers: self.clone(), audience, inbox }
    }

    /// Those of the orders that somebody watches and has not seen in this state.
    pub(crate) fn wanted(&self, reports: &[OrderReport]) -> Vec<OrderReport> {
        let watched = self.lock();
        let is_new = |report: &OrderReport| {
            watched.handed_on.get(&report.order_id).is_none_or(|(revision, _)| *revision < report.revision)
        };
        let is_wanted = |report: &&OrderReport| watched.is_watched(report) && is_new(report);
        let mut wanted: Vec<OrderReport> = reports.iter().filter(is_wanted).copied().collect();
        wanted.sort_unstable_by_key(|report| (report.order_id, Reverse(report.revision)));
        wanted.dedup_by_key(|report| report.order_id);
        wanted
    }

    /// Puts the order into the inboxes of all whom it concerns.
    pub(crate) fn hand_on(&self, order: LiveOrder, now: Timestamp) {
        let order = Arc::new(order);
        let mut watched = self.lock();
        watched.unreadable.remove(&order.report.order_id);
        watched.handed_on.insert(order.report.order_id, (order.report.revision, now));
        let audiences = order.report.audiences().into_iter().filter(|audience| audience.is_shown(order.was_placed));
        for inbox in audiences.filter_map(|audience| watched.inboxes.get(&audience)).flatten() {
            inbox.put(&order);
        }
    }

    /// Notes that the order can't be read, so that it is tried again; false where that is known.
    pub(crate) fn note_unreadable(&self, report: OrderReport) -> bool {
        let mut watched = self.lock();
        let has_room = watched.unreadable.len() < MOST_UNREADABLE;
        has_room && watched.unreadable.insert(report.order_id, report).is_none()
    }

    /// What could not be read and is still watched.
    pub(crate) fn unreadable(&self) -> Vec<OrderReport> {
        let mut guard = self.lock();
        let Watched { inboxes, unreadable, .. } = &mut *guard;
        unreadable.retain(|_, report| report.audiences().iter().any(|audience| inboxes.contains_key(audience)));
        unreadable.values().copied().collect()
    }

    /// Lets all read anew what they watch: reports were lost.
    pub(crate) fn renew_all(&self) {
        self.lock().inboxes.values().flatten().for_each(|inbox| inbox.renew());
    }

    /// Notes whether the reports of other processes can be read.
    pub(crate) fn set_feed_away(&self, is_away: bool) {
        self.0.is_feed_away.store(is_away, Ordering::Relaxed);
    }

    /// Notes that something may have been missed, which the next search finds.
    pub(crate) fn set_behind(&self) {
        self.0.is_behind.store(true, Ordering::Relaxed);
    }

    /// Which changes it is time to search for, of those that nobody may have reported: all of them at each poll while the feed is
    /// away.
    pub(crate) fn search_due(&self, now: Timestamp) -> Search {
        let mut watched = self.lock();
        if watched.inboxes.is_empty() {
            // Whoever watches from now on reads what there is by then.
            watched.searched_at = None;
            return Search::None;
        }
        // A clock that was set back makes it due as well.
        let is_long_ago = watched.searched_at.is_none_or(|at| (now - at).abs() >= delta(SEARCH_INTERVAL));
        let is_urgent = self.0.is_feed_away.load(Ordering::Relaxed) || self.0.is_behind.load(Ordering::Relaxed);
        if is_long_ago || is_urgent { Search::All } else { Search::Recent(now - RECENT_WINDOW) }
    }

    /// Up to when all was found: what has changed since is searched for. Where that is too long ago, all read anew instead.
    pub(crate) fn searched_up_to(&self, now: Timestamp) -> Timestamp {
        let searched_at = self.lock().searched_at.filter(|at| *at <= now).unwrap_or(now);
        if now - searched_at <= delta(LONGEST_SEARCH_WINDOW) {
            return searched_at;
        }
        self.renew_all();
        now
    }

    /// Whoever comes to a database that others need, too, waits for a turn there: a restart brings thousands at once.
    pub(crate) async fn turn_to_read(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.0.readers.acquire().await.ok()
    }

    /// Begins a search: what is missed from now on is found by the next one.
    pub(crate) fn begin_search(&self) {
        self.0.is_behind.store(false, Ordering::Relaxed);
    }

    /// Notes that all was found.
    pub(crate) fn end_search(&self, now: Timestamp) {
        self.lock().searched_at = Some(now);
    }

    /// Forgets what was handed on long ago.
    pub(crate) fn trim(&self, now: Timestamp) {
        let mut watched = self.lock();
        watched.handed_on.retain(|_, (_, at)| (now - *at).abs() < delta(HANDED_ON_RETENTION));
        if watched.handed_on.capacity() / 4 > watched.handed_on.len() {
            let fitting = 2 * watched.handed_on.len();
            watched.handed_on.shrink_to(fitting);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    pub(crate) fn audience(&self) -> Audience {
        self.audience
    }

    /// What has changed and was not seen, as soon as there is something.
    pub(crate) async fn unseen(&self) -> Unseen {
        self.inbox.take().await
    }

    /// Lets this one read all anew.
    pub(crate) fn renew(&self) {
        self.inbox.renew();
    }
}

impl Watched {
    fn is_watched(&self, report: &OrderReport) -> bool {
        report.audiences().iter().any(|audience| self.inboxes.contains_key(audience))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.watchers.lock();
        if let Some(inboxes) = watched.inboxes.get_mut(&self.audience) {
            inboxes.retain(|inbox| !Arc::ptr_eq(inbox, &self.inbox));
            if inboxes.is_empty() {
                watched.inboxes.remove(&self.audience);
            }
        }
    }
}

fn delta(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX)
}
