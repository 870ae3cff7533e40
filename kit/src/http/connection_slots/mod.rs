//! Who holds a connection: how many there are, how many of one client, and which of them gives way when somebody waits.
//!
//! A connection is busy from the head of a request until its answer has left, and idle otherwise. The one that is idle
//! longest gives way first. Where none is, it is one whose client is waited for: it keeps back the rest of a body, or does
//! not read its answer. Those of clients with more than their share go before others, and are waited for less long; and a client
//! that has more than its share, and is waited for, comes in behind all others.

mod held;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::TrustedProxies;
use held::{CROWDING_TIMEOUT, Held, Turn};

/// How often it is logged that clients have too many connections.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// What connections may take of the server.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections at a time. The stores need file handles too.
    pub total: NonZeroU32,
    /// Connections at a time of one client: an address of IPv4, a /56 of IPv6.
    pub per_client: NonZeroU32,
    /// How long a client may take to read 16 KiB of an answer, or what is left of it.
    pub write_timeout: Duration,
    /// Peers that speak for many clients, which no limit for one of them holds for.
    pub proxies: TrustedProxies,
}

impl ConnectionLimits {
    /// How many of the connections may be streams, so that there is room for requests that are soon over.
    #[must_use]
    pub fn streams(&self) -> NonZeroU32 {
        NonZeroU32::new(self.total.get() / 5 * 4).unwrap_or(NonZeroU32::MIN)
    }
}

/// All connections that are served.
pub(super) struct ConnectionSlots {
    limits: ConnectionLimits,
    state: Mutex<State>,
    /// One ended or became idle.
    changed: Notify,
}

struct State {
    total: usize,
    per_client: usize,
    held: HashMap<u64, Held>,
    /// Counts what happens, so that what was earlier has the smaller number.
    events: u64,
    logged_at: Option<Instant>,
}

/// One connection among all; it ends with this.
pub(super) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    number: u64,
    gives_way: CancellationToken,
    given_up: CancellationToken,
    closing: CancellationToken,
}

/// Whether a newcomer may wait for a place, and for which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// For any.
    First,
    /// For one that is free once nobody else waits, or that another client like it has: it has more than its share, and
    /// others wait for it.
    Last,
    /// It has as many as a client may have.
    Refused,
}

/// A request that is not answered to the last byte yet.
pub(super) struct Busy(Arc<ConnectionSlot>);

impl ConnectionSlots {
    pub(super) fn new(limits: ConnectionLimits) -> Arc<Self> {
        let state = State {
            total: limits.total.get() as usize,
            per_client: limits.per_client.get() as usize,
            held: HashMap::new(),
            events: 0,
            logged_at: None,
        };
        Arc::new(Self { limits, state: Mutex::new(state), changed: Notify::new() })
    }

    pub(super) fn write_timeout(&self) -> Duration {
        self.limits.write_timeout
    }

    /// Takes in `more` connections beyond the limits, whoever opened them.
    pub(super) fn widen(&self, more: usize) {
        let mut state = self.state();
        state.total += more;
        state.per_client = usize::MAX;
    }

    /// Whether `peer` may have a connection more. Where it has as many as one may, one of its own gives way, if one can.
    pub(super) fn admit(&self, peer: IpAddr) -> Admission {
        let Some(client) = self.client(peer) else { return Admission::First };
        let mut state = self.state();
        let is_theirs = |held: &Held| held.client == Some(client);
        let count = state.held.values().filter(|held| is_theirs(held) && !held.is_leaving()).count();
        if count >= state.per_client && state.close_one(Instant::now(), is_theirs).is_err() {
            state.log_refusal(client);
            return Admission::Refused;
        }
        let is_full = state.held.len() >= state.total;
        let is_waited_for = |held: &Held| is_theirs(held) && held.waits_since().is_some();
        if is_full && state.held.values().any(is_waited_for) && state.crowding().contains(&client) {
            return Admission::Last;
        }
        Admission::First
    }

    /// Notes that `peer` was refused a place that others wait for.
    pub(super) fn note_refusal(&self, peer: IpAddr) {
        if let Some(client) = self.client(peer) {
            self.state().log_refusal(client);
        }
    }

    /// Returns when a connection more can be served for one of that `admission`. Until then connections give way, one after the
    /// other.
    pub(super) async fn room(&self, admission: Admission) {
        loop {
            let next = {
                let state = self.state();
                if state.held.len() < state.total {
                    return;
                }
                let is_any_leaving = state.held.values().any(Held::is_leaving);
                if is_any_leaving { None } else { state.make_room(Instant::now(), admission).err().flatten() }
            };
            // Who begins to be waited for meanwhile is not given up before that.
            let next = next.unwrap_or_else(|| Instant::now() + CROWDING_TIMEOUT);
            let _changed = timeout_at(next, self.changed.notified()).await;
        }
    }

    /// A slot for a connection from `peer`. `closing` ends it as well.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr, closing: &CancellationToken) -> Arc<ConnectionSlot> {
        let client = self.client(peer);
        let mut state = self.state();
        state.events += 1;
        let (number, gives_way, given_up) = (state.events, closing.child_token(), CancellationToken::new());
        let held = Held {
            client,
            requests: 0,
            stuck_since: None,
            awaited_since: None,
            idle_since: Some(number),
            new_until: Some(Instant::now() + CROWDING_TIMEOUT),
            gives_way: gives_way.clone(),
            given_up: given_up.clone(),
        };
        state.held.insert(number, held);
        drop(state);
        Arc::new(ConnectionSlot { slots: Arc::clone(self), number, gives_way, given_up, closing: closing.clone() })
    }

    /// None for a proxy, which is many.
    fn client(&self, peer: IpAddr) -> Option<IpNet> {
        let peer = peer.to_canonical();
        if self.limits.proxies.contains(peer) {
            return None;
        }
        let length = if peer.is_ipv4() { 32 } else { 56 };
        Some(IpNet::new(peer, length).expect("32 of 32 and 56 of 128 bits are prefixes").trunc())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets a connection give way whose place one of that `admission` may have. If none can, the error is when the first one may.
    fn make_room(&self, now: Instant, admission: Admission) -> Result<(), Option<Instant>> {
        match admission {
            Admission::First => self.close_one(now, |_| true),
            Admission::Last => {
                let crowding = self.crowding();
                self.close_one(now, |held| held.client.is_some_and(|client| crowding.contains(&client)))
            }
            Admission::Refused => Err(None),
        }
    }

    /// Lets one of the connections that are meant give way. If none can, the error is when the first one may.
    fn close_one(&self, now: Instant, is_meant: impl Fn(&Held) -> bool) -> Result<(), Option<Instant>> {
        let crowding = self.crowding();
        let meant = self.held.values().filter(|held| is_meant(held));
        let turns = meant.filter_map(|held| Some((held.turn(now, &crowding)?, held)));
        let (due, later): (Vec<_>, Vec<_>) = turns.partition(|((at, _), _)| *at <= now);
        match due.into_iter().min_by_key(|((_, turn), _)| *turn) {
            Some(((_, Turn::Idle(_)), held)) => held.gives_way.cancel(),
            Some(((_, Turn::Crowding(_) | Turn::Awaited(_)), held)) => held.give_up(),
            None => return Err(later.into_iter().map(|((at, _), _)| at).min()),
        }
        Ok(())
    }

    /// The clients that have more than would be left for each if connections were shared out evenly, also to one more.
    fn crowding(&self) -> HashSet<IpNet> {
        let mut counts = HashMap::<IpNet, usize>::new();
        for client in self.held.values().filter_map(|held| held.client) {
            *counts.entry(client).or_default() += 1;
        }
        let share = (self.total / (counts.len() + 1)).max(1);
        counts.into_iter().filter(|(_, count)| *count > share).map(|(client, _)| client).collect()
    }

    fn log_refusal(&mut self, client: IpNet) {
        metrics::counter!("http_connections_refused_total").increment(1);
        if self.logged_at.is_none_or(|logged_at| logged_at.elapsed() > LOG_INTERVAL) {
            self.logged_at = Some(Instant::now());
            let connections = self.held.values().filter(|held| held.client == Some(client)).count();
            tracing::warn!(%client, connections, "connections are refused: their client has too many; a proxy belongs into TRUSTED_PROXIES");
        }
    }
}

impl ConnectionSlot {
    /// When the connection is to end, once it is idle.
    pub(super) fn gives_way(&self) -> &CancellationToken {
        &self.gives_way
    }

    /// When the connection is to end although a request is on it: its client is not waited for any longer.
    pub(super) fn given_up(&self) -> &CancellationToken {
        &self.given_up
    }

    /// Whether all connections are to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.slots.state().held.get(&self.number).is_some_and(|held| held.idle_since.is_some())
    }

    /// A request begins, and lasts as long as what this returns.
    pub(super) fn begin_request(self: &Arc<Self>) -> Busy {
        self.change(|held| {
            held.requests += 1;
            held.new_until = None;
        });
        Busy(Arc::clone(self))
    }

    /// The client reads too little of what is written, since then; or it reads.
    pub(super) fn set_stuck(&self, since: Option<Instant>) {
        self.change(|held| held.stuck_since = since);
    }

    /// The client sends too little of a body that is read, since then; or it sends.
    pub(super) fn set_awaited(&self, since: Option<Instant>) {
        self.change(|held| held.awaited_since = since);
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let mut state = self.slots.state();
        state.events += 1;
        let now = state.events;
        let Some(held) = state.held.get_mut(&self.number) else { return };
        change(held);
        let is_idle = held.requests == 0 && held.stuck_since.is_none();
        held.idle_since = is_idle.then(|| held.idle_since.unwrap_or(now));
        // One that gives way and has a request after all is none that is waited for.
        let is_other = is_idle || held.gives_way.is_cancelled();
        drop(state);
        if is_other {
            self.slots.changed.notify_one();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|held| held.requests -= 1);
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.state().held.remove(&self.number);
        self.slots.changed.notify_one();
    }
}
