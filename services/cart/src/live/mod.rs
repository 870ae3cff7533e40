//! Who watches orders in this process, and what they have not seen yet.
//!
//! Whoever watches has an inbox with the newest state of each order that has changed: a slow client skips steps, and its inbox
//! never holds more than its orders. What is read for one is shared by all.

mod inbox;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use clock::Timestamp;
use contracts::{Locale, OrderId, OrderStatus, RestaurantId, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::model::Audience;
use inbox::Inbox;

pub(crate) use inbox::Unseen;
pub(crate) use shown::{Shown, ShownOrder};

/// How far back changes are read that nobody has reported: a process may have died between its commit and its report, its clock
/// may be a minute behind, and its transaction may have taken seconds.
pub(crate) const SEARCH_WINDOW: Duration = Duration::from_secs(75);
/// How often that is read.
const SEARCH_INTERVAL: Duration = Duration::from_secs(5);
/// Further back nobody searches.
const LONGEST_SEARCH_WINDOW: Duration = Duration::from_secs(10 * 60);
/// Streams that read at a time.
const MOST_READERS: usize = 3;
/// How long it is known which state was handed on.
const HANDED_ON_RETENTION: Duration = Duration::from_secs(2 * 60);

/// An order has changed, as processes report it to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderReport {
    #[serde(rename = "o")]
    pub(crate) order_id: OrderId,
    #[serde(rename = "u")]
    pub(crate) user_id: UserId,
    #[serde(rename = "r")]
    pub(crate) restaurant_id: RestaurantId,
    #[serde(rename = "v")]
    pub(crate) version: i64,
}

/// An order as it is shown to whoever watches it.
#[derive(Debug)]
pub(crate) struct LiveOrder {
    pub(crate) report: OrderReport,
    pub(crate) status: OrderStatus,
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
    /// The newest version of each order that was handed on lately, and when.
    handed_on: HashMap<OrderId, (i64, Timestamp)>,
    searched_at: Option<Timestamp>,
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
        let OrderReport { order_id, version, .. } = self.report;
        ShownOrder { id: order_id, version, closed_at: self.closed_at }
    }
}

impl OrderReport {
    fn audiences(&self) -> [Audience; 2] {
        [Audience::Diner(self.user_id), Audience::Kitchen(self.restaurant_id)]
    }
}

impl Watchers {
    /// Somebody more. Whatever changes from now on comes into their inbox.
    pub(crate) fn watch(&self, audience: Audience) -> Watch {
        let inbox = Arc::<Inbox>::default();
        self.lock().inboxes.entry(audience).or_default().push(Arc::clone(&inbox));
        Watch { watchers: self.clone(), audience, inbox }
    }

    /// Those of the orders that somebody watches and has not seen in this version.
    pub(crate) fn wanted(&self, reports: &[OrderReport]) -> Vec<OrderId> {
        let watched = self.lock();
        let is_watched = |report: &OrderReport| report.audiences().iter().any(|it| watched.inboxes.contains_key(it));
        let is_new = |report: &OrderReport| {
            watched.handed_on.get(&report.order_id).is_none_or(|(version, _)| *version < report.version)
        };
        let mut wanted: Vec<OrderId> = reports
            .iter()
            .filter(|report| is_watched(report) && is_new(report))
            .map(|report| report.order_id)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Puts the order into the inboxes of all whom it concerns.
    pub(crate) fn hand_on(&self, order: LiveOrder, now: Timestamp) {
        let order = Arc::new(order);
        let mut watched = self.lock();
        watched.handed_on.insert(order.report.order_id, (order.report.version, now));
        let audiences = order.report.audiences().into_iter().filter(|audience| audience.is_shown(order.status));
        for inbox in audiences.filter_map(|audience| watched.inboxes.get(&audience)).flatten() {
            inbox.put(&order);
        }
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

    /// Whether it is time to search for changes of which nobody has reported: at each poll while the feed is away.
    pub(crate) fn is_search_due(&self, now: Timestamp) -> bool {
        let mut watched = self.lock();
        if watched.inboxes.is_empty() {
            // Whoever watches from now on reads what there is by then.
            watched.searched_at = None;
        }
        // A clock that was set back makes it due as well.
        let is_long_ago = watched.searched_at.is_none_or(|at| (now - at).abs() >= delta(SEARCH_INTERVAL));
        let is_urgent = self.0.is_feed_away.load(Ordering::Relaxed) || self.0.is_behind.load(Ordering::Relaxed);
        !watched.inboxes.is_empty() && (is_long_ago || is_urgent)
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
