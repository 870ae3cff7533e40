//! All streams of a process: how many there are, whose they are, and what ends them.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::{Sources, Timestamp};
use contracts::{SessionId, UserId};
use database::Vault;
use ipnet::IpNet;
use metrics::{Unit, describe_gauge, gauge};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::StreamReader;
use crate::Task;
use crate::access::Guard;
use crate::connection::{Connection, Streaming};

/// Streams of one user at a time: several windows on several devices. Beyond that the oldest ends.
pub const PER_USER: usize = 20;
/// A stream lives no longer, so that what was asked when it began, such as who runs a restaurant, is asked again.
const LONGEST_LIFE_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// The same without a session, where nobody reports that the token was revoked.
pub(super) const UNKNOWN_SESSION_TIMEOUT: Duration = Duration::from_secs(60);
/// How soon after each other streams are searched for sessions that have ended.
const SEARCH_INTERVAL: Duration = Duration::from_millis(200);
/// How long a client may take to read the end of a stream. Nobody asks for the next bytes of a stream whose client does not read, so
/// its connection is ended then.
const END_GRACE: Duration = Duration::from_secs(5);
/// How often streams are searched for those that should have ended.
const OVERDUE_INTERVAL: Duration = Duration::from_secs(1);

/// How many streams there may be.
#[derive(Debug, Clone, Copy)]
pub struct StreamLimits {
    /// At a time.
    pub total: NonZeroU32,
    /// At a time of one client: an address of IPv4, a /56 of IPv6. Beyond that the oldest ends.
    pub per_client: NonZeroU32,
}

/// All streams of a process, cheap to clone.
#[derive(Clone)]
pub struct EventStreams(Arc<Inner>);

struct Inner {
    limits: StreamLimits,
    guard: Guard,
    sources: Sources,
    vault: Vault,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    streams: HashMap<u64, Stream>,
    per_user: Ages<UserId>,
    per_client: Ages<IpNet>,
    /// Of the next stream.
    number: u64,
    is_stopping: bool,
}

/// The numbers of the streams that each has, so that the oldest is known.
struct Ages<K>(HashMap<K, BTreeSet<u64>>);

struct Stream {
    session: Option<SessionId>,
    /// None once it was said.
    end: Option<oneshot::Sender<End>>,
    ends_at: Timestamp,
    connection: Connection,
    /// Until its end it does not count among the connections of its client.
    streaming: Option<Streaming>,
}

/// Whence a stream is asked for.
pub(super) struct Asked {
    /// None where it is not known, or speaks for many.
    pub(super) client: Option<IpNet>,
    pub(super) connection: Connection,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Whoever watches is signed in no longer.
    Revoked,
    /// Its time is over.
    Expired,
    /// The server stops.
    Stopping,
    /// Its user, or its client, has opened too many since.
    Replaced,
}

/// A stream among all; it ends with this.
pub(super) struct Place {
    streams: EventStreams,
    number: u64,
    user_id: UserId,
    client: Option<IpNet>,
    /// How long it may last.
    pub(super) life: Duration,
    /// Comes if it ends before that.
    pub(super) ended: oneshot::Receiver<End>,
}

impl EventStreams {
    /// No streams, and room for as many as `limits` say. `vault` seals tickets, which every process that shares its key takes.
    #[must_use]
    pub fn new(limits: StreamLimits, guard: Guard, sources: Sources, vault: Vault) -> Self {
        describe_gauge!("http_event_streams", Unit::Count, "Streams of server-sent events that are open");
        Self(Arc::new(Inner { limits, guard, sources, vault, open: Mutex::default() }))
    }

    /// What ends streams that would not end by themselves.
    #[must_use]
    pub fn tasks(&self) -> [Task; 2] {
        let (revoked, overdue) = (self.clone(), self.clone());
        [
            Task::new("streams of ended sessions", move |stop| revoked.follow_revocations(stop)),
            Task::new("streams past their end", move |stop| overdue.give_up_overdue(stop)),
        ]
    }

    /// A place for a stream of `reader`, if there is room.
    pub(super) fn open(&self, reader: &StreamReader, Asked { client, connection }: Asked) -> Option<Place> {
        let StreamReader { user_id, session, expires_at, .. } = *reader;
        let longest = if session.is_some() { LONGEST_LIFE_TIMEOUT } else { UNKNOWN_SESSION_TIMEOUT };
        let now = self.0.sources.now();
        let life = (expires_at - now).to_std().unwrap_or_default().min(longest);
        let (end, ended) = oneshot::channel();
        let mut open = self.lock();
        if open.is_stopping || open.streams.len() >= self.0.limits.total.get() as usize {
            return None;
        }
        open.number += 1;
        let number = open.number;
        // A phone that has changed networks leaves streams behind of which nobody hears that they are dead.
        let oldest = open.per_user.add(user_id, number, PER_USER);
        let most = self.0.limits.per_client.get() as usize;
        let oldest_of_client = client.and_then(|client| open.per_client.add(client, number, most));
        let streaming = Some(connection.stream());
        open.streams.insert(number, Stream { session, end: Some(end), ends_at: now + life, connection, streaming });
        gauge!("http_event_streams").increment(1);
        drop(open);
        for oldest in [oldest, oldest_of_client].into_iter().flatten() {
            self.end(oldest, End::Replaced);
        }
        // Whoever was revoked since the token was checked is in the denylist by now, and may have been searched for before.
        if session.is_some_and(|session| self.0.guard.has_ended(session)) {
            self.end(number, End::Revoked);
        }
        Some(Place { streams: self.clone(), number, user_id, client, life, ended })
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
    async fn follow_revocations(self, stop: CancellationToken) {
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

    /// Ends the connections of streams that should have ended, until `stop`.
    async fn give_up_overdue(self, stop: CancellationToken) {
        let sources = &self.0.sources;
        while stop.run_until_cancelled(sources.sleep(OVERDUE_INTERVAL)).await.is_some() {
            let now = sources.now();
            let open = self.lock();
            let overdue = open.streams.values().filter(|stream| stream.ends_at + END_GRACE <= now);
            overdue.for_each(|stream| stream.connection.give_up());
        }
    }

    fn end(&self, number: u64, end: End) {
        let now = self.0.sources.now();
        let mut open = self.lock();
        let Some(stream) = open.streams.get_mut(&number) else { return };
        stream.ends_at = stream.ends_at.min(now);
        stream.streaming = None;
        if let Some(ended) = stream.end.take() {
            // Its client may have gone by itself.
            let _gone = ended.send(end);
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
        open.per_user.remove(&self.user_id, self.number);
        if let Some(client) = self.client {
            open.per_client.remove(&client, self.number);
        }
        gauge!("http_event_streams").decrement(1);
    }
}

impl<K: Hash + Eq> Ages<K> {
    /// Adds a stream; answers the oldest, which counts no more, where there are more than `most` now.
    fn add(&mut self, whose: K, number: u64, most: usize) -> Option<u64> {
        let numbers = self.0.entry(whose).or_default();
        numbers.insert(number);
        if numbers.len() > most { numbers.pop_first() } else { None }
    }

    fn remove(&mut self, whose: &K, number: u64) {
        if let Some(numbers) = self.0.get_mut(whose) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.0.remove(whose);
            }
        }
    }
}

impl<K> Default for Ages<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}
