//! Several servers that share the keys among them, and the map of who holds which.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::{Sources, Timestamp};
use redis::{Cmd, Value};

use super::connection::SendMode;
use super::connector::{Connector, Target};
use super::fault::{Fault, Redirect};
use super::managed_connection::ManagedConnection;
use super::server::Node;
use super::slots::{SlotMap, slot_of};
use super::survey;

/// A key that has moved is found at the second try, at the fourth if it moves on meanwhile.
const MOST_TRIES: usize = 4;
/// A map that proves wrong is read again, but not more often.
const MAP_INTERVAL: Duration = Duration::from_millis(100);

/// The servers of a cluster.
pub(super) struct Cluster {
    seeds: Vec<Node>,
    connector: Arc<Connector>,
    sources: Sources,
    state: Mutex<State>,
    /// Held by whoever reads the first map; the others wait for it.
    reading: tokio::sync::Mutex<()>,
}

struct State {
    servers: HashMap<Node, Arc<ManagedConnection>>,
    map: SlotMap,
    is_doubted: bool,
    /// Who failed since the map was read; others are asked for the next.
    failed: BTreeSet<Node>,
    next_reading: Timestamp,
}

impl Cluster {
    pub(super) fn new(seeds: Vec<Node>, connector: Arc<Connector>, sources: Sources) -> Self {
        let state = State {
            servers: HashMap::new(),
            map: SlotMap::default(),
            is_doubted: true,
            failed: BTreeSet::new(),
            next_reading: Timestamp::UNIX_EPOCH,
        };
        Self { seeds, connector, sources, state: Mutex::new(state), reading: tokio::sync::Mutex::default() }
    }

    /// Sends `command` to the server that holds `key`. A redirected command was not done, so it is sent again.
    pub(super) async fn call(&self, key: &str, command: &Cmd) -> Result<Value, Fault> {
        let mut server = self.owner(key).await?;
        let mut mode = SendMode::Plain;
        let mut tries = 1;
        loop {
            let fault = match server.call(command, mode).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            (server, mode) = match fault.redirect(server.host()) {
                Some(Redirect::Ask(node)) if tries < MOST_TRIES => (self.server(&node), SendMode::Asking),
                Some(Redirect::Moved(node)) if tries < MOST_TRIES => {
                    self.doubt();
                    (self.server(&node), SendMode::Plain)
                }
                Some(_) | None => {
                    self.note(&server, &fault);
                    return Err(fault);
                }
            };
            tries += 1;
        }
    }

    /// The server that holds `key`, as far as is known.
    pub(super) async fn owner(&self, key: &str) -> Result<Arc<ManagedConnection>, Fault> {
        self.refresh().await?;
        let owner = self.state().map.owner(slot_of(key)).cloned();
        match owner {
            Some(node) => Ok(self.server(&node)),
            None => {
                self.doubt();
                Err(Fault::Away("no server of the cluster holds the slot of this key".into()))
            }
        }
    }

    /// All masters.
    pub(super) async fn masters(&self) -> Result<Vec<Arc<ManagedConnection>>, Fault> {
        self.refresh().await?;
        let mut masters: Vec<Node> = self.state().map.owners().cloned().collect();
        masters.sort_unstable();
        masters.dedup();
        Ok(masters.iter().map(|node| self.server(node)).collect())
    }

    /// Notes what was met at `server`.
    pub(super) fn note(&self, server: &ManagedConnection, fault: &Fault) {
        if fault.doubts_server() {
            let mut state = self.state();
            state.is_doubted = true;
            state.failed.extend(server.node().cloned());
        }
    }

    /// Notes what was met at the server that holds `key`.
    pub(super) fn note_at_owner(&self, key: &str, fault: &Fault) {
        let owner = self.state().map.owner(slot_of(key)).cloned();
        match owner {
            Some(owner) => self.note(&self.server(&owner), fault),
            None => self.doubt(),
        }
    }

    /// Has the map read again: somebody was sent away, or met nobody.
    fn doubt(&self) {
        self.state().is_doubted = true;
    }

    async fn refresh(&self) -> Result<(), Fault> {
        if self.state().map.is_empty() {
            let _turn = self.reading.lock().await;
            return if self.state().map.is_empty() { self.read_map().await } else { Ok(()) };
        }
        if self.is_reading_due()
            && let Err(fault) = self.read_map().await
        {
            tracing::debug!(%fault, "the map of the cluster can't be read; the last one stays in use");
        }
        Ok(())
    }

    /// Whether the caller has to read the map.
    fn is_reading_due(&self) -> bool {
        let now = self.sources.now();
        let mut state = self.state();
        // Further away than the pause is what a clock that was set back leaves behind.
        let is_due = state.is_doubted && (state.next_reading <= now || now + MAP_INTERVAL < state.next_reading);
        if is_due {
            state.next_reading = now + MAP_INTERVAL;
        }
        is_due
    }

    /// Reads the map from every server that we know of and that did not fail; from all if that leaves nobody.
    async fn read_map(&self) -> Result<(), Fault> {
        let asked: Vec<Arc<ManagedConnection>> = self.witnesses().iter().map(|node| self.server(node)).collect();
        let map = survey::of(&asked).await?;
        let mut state = self.state();
        state.servers.retain(|node, _| self.seeds.contains(node) || map.owners().any(|owner| owner == node));
        state.map = map;
        state.is_doubted = false;
        state.failed.clear();
        Ok(())
    }

    fn witnesses(&self) -> BTreeSet<Node> {
        let mut state = self.state();
        let known: BTreeSet<Node> = state.map.owners().chain(&self.seeds).cloned().collect();
        let failed = std::mem::take(&mut state.failed);
        let others: BTreeSet<Node> = known.difference(&failed).cloned().collect();
        if others.is_empty() { known } else { others }
    }

    fn server(&self, node: &Node) -> Arc<ManagedConnection> {
        let new = || ManagedConnection::new(Target::Member(node.clone()), self.connector.clone(), self.sources.clone());
        self.state().servers.entry(node.clone()).or_insert_with(|| Arc::new(new())).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is whole in itself, so a panic leaves nothing half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
