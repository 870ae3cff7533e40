//! Who holds a connection: how many there are, how many of one client, and which of them is idle longest.
//!
//! A connection is busy from the head of a request until its answer has left, and idle otherwise. One that is idle gives
//! way when somebody waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::TrustedProxies;

/// How often it is logged that clients have too many connections.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// What connections may take of the server.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections at a time. The stores need file handles too, of which a process has 1024 where nobody changed that.
    pub total: NonZeroU32,
    /// Connections at a time of one client: an address of IPv4, a /64 of IPv6.
    pub per_client: NonZeroU32,
    /// How long a client may take to read 16 KiB of an answer, or what is left of it.
    pub write_timeout: Duration,
    /// Peers that speak for many clients, which no limit for one of them holds for.
    pub proxies: TrustedProxies,
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

struct Held {
    client: Option<IpNet>,
    requests: usize,
    is_stuck: bool,
    idle_since: Option<u64>,
    gives_way: CancellationToken,
}

/// One connection among all; it ends with this.
pub(super) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    number: u64,
    gives_way: CancellationToken,
    closing: CancellationToken,
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
    pub(super) fn admit(&self, more: usize) {
        let mut state = self.state();
        state.total += more;
        state.per_client = usize::MAX;
    }

    /// Returns when a connection more can be served. Until then the one that is idle longest gives way.
    pub(super) async fn room(&self) {
        loop {
            {
                let state = self.state();
                if state.held.len() < state.total {
                    return;
                }
                if !state.held.values().any(Held::is_leaving) {
                    state.close_longest_idle(|_| true);
                }
            }
            self.changed.notified().await;
        }
    }

    /// A slot for a connection from `peer`, unless it has too many that are all busy. `closing` ends it as well.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr, closing: &CancellationToken) -> Option<Arc<ConnectionSlot>> {
        let client = self.client(peer.to_canonical());
        let mut state = self.state();
        if let Some(client) = client {
            let is_theirs = |held: &Held| held.client == Some(client);
            let count = state.held.values().filter(|held| is_theirs(held) && !held.is_leaving()).count();
            if count >= state.per_client && !state.close_longest_idle(is_theirs) {
                state.log_refusal(client);
                return None;
            }
        }
        state.events += 1;
        let (number, gives_way) = (state.events, closing.child_token());
        let held =
            Held { client, requests: 0, is_stuck: false, idle_since: Some(number), gives_way: gives_way.clone() };
        state.held.insert(number, held);
        drop(state);
        Some(Arc::new(ConnectionSlot { slots: Arc::clone(self), number, gives_way, closing: closing.clone() }))
    }

    fn client(&self, peer: IpAddr) -> Option<IpNet> {
        if self.limits.proxies.contains(peer) {
            return None;
        }
        let length = if peer.is_ipv4() { 32 } else { 64 };
        Some(IpNet::new(peer, length).expect("32 of 32 and 64 of 128 bits are prefixes").trunc())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there was one.
    fn close_longest_idle(&self, is_meant: impl Fn(&Held) -> bool) -> bool {
        let idle = self.held.values().filter(|held| !held.gives_way.is_cancelled() && is_meant(held));
        let longest = idle.filter_map(|held| Some((held.idle_since?, held))).min_by_key(|(since, _)| *since);
        longest.inspect(|(_, held)| held.gives_way.cancel()).is_some()
    }

    fn log_refusal(&mut self, client: IpNet) {
        metrics::counter!("http_connections_refused_total").increment(1);
        if self.logged_at.is_none_or(|logged_at| logged_at.elapsed() > LOG_INTERVAL) {
            self.logged_at = Some(Instant::now());
            let limit = self.per_client;
            tracing::warn!(%client, limit, "connections are refused: their client has too many; a proxy belongs into TRUSTED_PROXIES");
        }
    }
}

impl Held {
    /// Whether it ends at any moment.
    fn is_leaving(&self) -> bool {
        self.gives_way.is_cancelled() && self.idle_since.is_some()
    }
}

impl ConnectionSlot {
    /// When the connection is to end, once it is idle.
    pub(super) fn gives_way(&self) -> &CancellationToken {
        &self.gives_way
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
        self.change(|held| held.requests += 1);
        Busy(Arc::clone(self))
    }

    /// The client does not read what is written, or reads again.
    pub(super) fn set_stuck(&self, is_stuck: bool) {
        self.change(|held| held.is_stuck = is_stuck);
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let mut state = self.slots.state();
        state.events += 1;
        let now = state.events;
        let Some(held) = state.held.get_mut(&self.number) else { return };
        change(held);
        let is_idle = held.requests == 0 && !held.is_stuck;
        held.idle_since = is_idle.then(|| held.idle_since.unwrap_or(now));
        drop(state);
        if is_idle {
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
