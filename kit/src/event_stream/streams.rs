//! All streams of a process: how many there are, whose they are, and what ends them.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Sources;
use contracts::{SessionId, UserId};
use database::Vault;
use metrics::{Unit, describe_gauge, gauge};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::StreamReader;
use crate::access::Guard;

/// Streams of one user at a time: several windows on several devices. Beyond that the oldest ends.
pub const PER_USER: usize = 20;
/// A stream lives no longer, so that what was asked when it began, such as who runs a restaurant, is asked again.
const LONGEST_LIFE_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// The same without a session, where nobody reports that the token was revoked.
pub(super) const UNKNOWN_SESSION_TIMEOUT: Duration = Duration::from_secs(60);
/// How soon after each other streams are searched for sessions that have ended.
const SEARCH_INTERVAL: Duration = Duration::from_millis(200);

/// All streams of a process, cheap to clone.
#[derive(Clone)]
pub struct EventStreams(Arc<Inner>);

struct Inner {
    limit: usize,
    guard: Guard,
    sources: Sources,
    vault: Vault,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    streams: HashMap<u64, Stream>,
    /// The numbers of each user's, so that the oldest is known.
    per_user: HashMap<UserId, BTreeSet<u64>>,
    /// Of the next stream.
    number: u64,
    is_stopping: bool,
}

struct Stream {
    session: Option<SessionId>,
    end: oneshot::Sender<End>,
}

/// Why a stream ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Whoever watches is signed in no longer.
    Revoked,
    /// The server stops.
    Stopping,
    /// Its user has opened too many since.
    Replaced,
}

/// A stream among all; it ends with this.
pub(super) struct Place {
    streams: EventStreams,
    number: u64,
    user_id: UserId,
    /// How long it may last.
    pub(super) life: Duration,
    /// Comes if it ends before that.
    pub(super) ended: oneshot::Receiver<End>,
}

impl EventStreams {
    /// No streams, and room for `limit` at a time. `vault` seals tickets, which every process that shares its key takes.
    #[must_use]
    pub fn new(limit: NonZeroU32, guard: Guard, sources: Sources, vault: Vault) -> Self {
        describe_gauge!("http_event_streams", Unit::Count, "Streams of server-sent events that are open");
        Self(Arc::new(Inner { limit: limit.get() as usize, guard, sources, vault, open: Mutex::default() }))
    }

    /// A place for a stream of `reader`, if there is room.
    pub(super) fn open(&self, reader: &StreamReader) -> Option<Place> {
        let StreamReader { user_id, session, expires_at, .. } = *reader;
        let longest = if session.is_some() { LONGEST_LIFE_TIMEOUT } else { UNKNOWN_SESSION_TIMEOUT };
        let life = (expires_at - self.0.sources.now()).to_std().unwrap_or_default().min(longest);
        let (end, ended) = oneshot::channel();
        let mut open = self.lock();
        if open.is_stopping || open.streams.len() >= self.0.limit {
            return None;
        }
        open.number += 1;
        let number = open.number;
        let of_user = open.per_user.entry(user_id).or_default();
        of_user.insert(number);
        // A phone that has changed networks leaves streams behind of which nobody hears that they are dead.
        let oldest = (of_user.len() > PER_USER).then(|| of_user.pop_first()).flatten();
        open.streams.insert(number, Stream { session, end });
        gauge!("http_event_streams").increment(1);
        drop(open);
        if let Some(oldest) = oldest {
            self.end(oldest, End::Replaced);
        }
        // Whoever was revoked since the token was checked is in the denylist by now, and may have been searched for before.
        if session.is_some_and(|session| self.0.guard.has_ended(session)) {
            self.end(number, End::Revoked);
        }
        Some(Place { streams: self.clone(), number, user_id, life, ended })
    }

    /// Ends all streams, and lets none begin any more.
    pub fn stop(&self) {
        let mut open = self.lock();
        open.is_stopping = true;
        let numbers: Vec<u64> = open.streams.keys().copied().collect();
        drop(open);
        numbers.into_iter().for_each(|number| self.end(number, End::Stopping));
    }

    /// Ends streams whose sessions have ended, until `stop`.
    pub async fn follow_revocations(self, stop: CancellationToken) {
        let mut revoked = self.0.guard.revoked();
        self.end_revoked();
        while let Some(Ok(())) = stop.run_until_cancelled(revoked.changed()).await {
            revoked.borrow_and_update();
            self.end_revoked();
            stop.run_until_cancelled(self.0.sources.sleep(SEARCH_INTERVAL)).await;
        }
    }

    fn end_revoked(&self) {
        let guard = &self.0.guard;
        let has_ended = |stream: &Stream| stream.session.is_some_and(|session| guard.has_ended(session));
        let open = self.lock();
        let ended = open.streams.iter().filter(|(_, stream)| has_ended(stream)).map(|(number, _)| *number);
        let ended: Vec<u64> = ended.collect();
        drop(open);
        ended.into_iter().for_each(|number| self.end(number, End::Revoked));
    }

    fn end(&self, number: u64, end: End) {
        let stream = self.lock().streams.remove(&number);
        if let Some(stream) = stream {
            // Its client may have gone by itself.
            let _gone = stream.end.send(end);
        }
    }

    pub(super) fn guard(&self) -> &Guard {
        &self.0.guard
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.0.sources
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        open.streams.remove(&self.number);
        if let Some(of_user) = open.per_user.get_mut(&self.user_id) {
            of_user.remove(&self.number);
            if of_user.is_empty() {
                open.per_user.remove(&self.user_id);
            }
        }
        gauge!("http_event_streams").decrement(1);
    }
}
