//! Who holds a connection: how many there are, how many of one client, and which of them gives way when somebody waits.
//!
//! A connection is busy from the head of a request until its answer has left, and idle otherwise. The one that is idle
//! longest gives way first. Where none is, it is one whose client is waited for: it keeps back the rest of a body, or does
//! not read its answer. Those of clients with more than their share go before others, and are waited for less long; and a client
//! that has more than its share, and is waited for, comes in behind all others.

mod held;
mod state;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::connection::Connection;
use crate::{StreamLimits, TrustedProxies};
use held::{CROWDING_TIMEOUT, Held};
use state::State;

/// What connections may take of the server.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections at a time. The stores need file handles too.
    pub total: NonZeroU32,
    /// Connections at a time of one client: an address of IPv4, a /56 of IPv6. Those on which a stream is answered count apart.
    pub per_client: NonZeroU32,
    /// How long a client may take to read 16 KiB of an answer, or what is left of it.
    pub write_timeout: Duration,
    /// Peers that speak for many clients, which no limit for one of them holds for.
    pub proxies: TrustedProxies,
}

impl ConnectionLimits {
    /// How many of the connections may be streams, so that there is room for requests that are soon over: four of five, and of each
    /// client three quarters as many as it may have connections for those.
    #[must_use]
    pub fn streams(&self) -> StreamLimits {
        let part = |all: NonZeroU32, nth, of| NonZeroU32::new(all.get() / of * nth).unwrap_or(NonZeroU32::MIN);
        StreamLimits { total: part(self.total, 4, 5), per_client: part(self.per_client, 3, 4) }
    }
}

/// All connections that are served.
pub(super) struct ConnectionSlots {
    limits: ConnectionLimits,
    state: Mutex<State>,
    /// One ended or became idle.
    changed: Notify,
}

/// One connection among all; it ends with this.
pub(super) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    number: u64,
    connection: Connection,
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
        let state = State::new(limits.total.get() as usize, limits.per_client.get() as usize);
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
        if state.count_requesting(client) >= state.per_client && !state.close_one_of(Instant::now(), client) {
            state.log_refusal(client);
            return Admission::Refused;
        }
        if state.is_full() && state.is_waited_for_crowd(client) { Admission::Last } else { Admission::First }
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
                let mut state = self.state();
                if !state.is_full() {
                    return;
                }
                if state.is_any_leaving() { None } else { state.make_room(Instant::now(), admission).err().flatten() }
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
        let (number, connection) = (state.next_event(), Connection::within(closing));
        let held = Held {
            client,
            requests: 0,
            stuck_since: None,
            awaited_since: None,
            idle_since: Some(number),
            new_until: Some(Instant::now() + CROWDING_TIMEOUT),
            connection: connection.clone(),
        };
        state.insert(number, held);
        drop(state);
        Arc::new(ConnectionSlot { slots: Arc::clone(self), number, connection, closing: closing.clone() })
    }

    fn client(&self, peer: IpAddr) -> Option<IpNet> {
        self.limits.proxies.limited(peer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionSlot {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether all connections are to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.slots.state().get(self.number).is_some_and(|held| held.idle_since.is_some())
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
        let now = state.next_event();
        let changed = state.change(self.number, |held| {
            change(held);
            let is_idle = held.requests == 0 && held.stuck_since.is_none();
            held.idle_since = is_idle.then(|| held.idle_since.unwrap_or(now));
        });
        // One that gives way and has a request after all is none that is waited for.
        let is_other =
            changed.is_some_and(|held| held.idle_since.is_some() || held.connection.gives_way().is_cancelled());
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
        self.slots.state().remove(self.number);
        self.slots.changed.notify_one();
    }
}
