//! One server, or one master by its name, and the connection to it that all callers share.
//!
//! Connected by whoever needs it first, and again once it is lost; while the server is away, callers are refused at once
//! and one probe at a time finds out whether it is back, also when the caller that it was made for goes away.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Sources;
use redis::{Cmd, Value};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::breaker::{Admission, Breaker};
use super::connection::{Connection, SendMode};
use super::connector::{Connector, Target};
use super::fault::Fault;
use super::server::Node;

/// How often the master is asked for again while it refuses what only one that is cut off from its replicas refuses.
const SEARCH_INTERVAL: Duration = Duration::from_millis(100);

/// The way to a server.
pub(super) struct ManagedConnection {
    target: Target,
    connector: Arc<Connector>,
    sources: Sources,
    state: Mutex<State>,
    /// Held by whoever connects while nothing is known against the server; the others wait for the outcome.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    breaker: Breaker,
    /// When the master may be asked for again because this one refuses.
    next_search: Option<Instant>,
    probes: JoinSet<()>,
}

impl State {
    fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_open())
    }
}

/// How a caller gets to a connection.
enum Entry {
    Open(Arc<Connection>),
    Connect,
    Probe,
}

impl ManagedConnection {
    pub(super) fn new(target: Target, connector: Arc<Connector>, sources: Sources) -> Self {
        Self { target, connector, sources, state: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Whose connection it is, unless sentinels decide that.
    pub(super) fn node(&self) -> Option<&Node> {
        match &self.target {
            Target::Node(node) | Target::Member(node) => Some(node),
            Target::Master { .. } => None,
        }
    }

    /// The host of that server, or nothing.
    pub(super) fn host(&self) -> &str {
        self.node().map_or("", |node| &node.host)
    }

    /// Sends `command` once. It is never repeated here: an answer that was lost does not mean that nothing was done.
    pub(super) async fn call(self: &Arc<Self>, command: &Cmd, mode: SendMode) -> Result<Value, Fault> {
        let connection = self.connection().await?;
        let answer = connection.send(command, mode).await;
        match &answer {
            Err(fault) if fault.ends_connection() => self.lose(&connection, fault),
            Err(fault) if fault.doubts_server() => self.let_go(&connection),
            Ok(_) | Err(_) => {}
        }
        answer
    }

    /// Whether `dedicated` leads to the server that everybody else uses.
    pub(super) fn shares_server(&self, dedicated: &Connection) -> bool {
        self.state().connection.as_ref().is_none_or(|shared| shared.server() == dedicated.server())
    }

    /// A connection of its own, for a caller that keeps it waiting.
    pub(super) async fn dedicated_connection(self: &Arc<Self>) -> Result<Connection, Fault> {
        if let Entry::Probe = self.enter()? {
            self.probe().await?;
        }
        self.connect_and_record().await
    }

    async fn connection(self: &Arc<Self>) -> Result<Arc<Connection>, Fault> {
        let _turn = match self.enter()? {
            Entry::Open(connection) => return Ok(connection),
            Entry::Probe => return self.probe().await,
            Entry::Connect => self.connecting.lock().await,
        };
        match self.enter()? {
            Entry::Open(connection) => Ok(connection),
            Entry::Probe => self.probe().await,
            Entry::Connect => self.connect().await,
        }
    }

    fn enter(&self) -> Result<Entry, Fault> {
        let mut state = self.state();
        match state.breaker.admit(self.sources.now()) {
            Admission::Refuse(reason) => Err(Fault::Away(reason)),
            Admission::Probe => Ok(Entry::Probe),
            // One that the server closed while nobody used it is no failure, and nothing is lost with it.
            Admission::Pass => match &state.connection {
                Some(connection) if connection.is_open() => Ok(Entry::Open(Arc::clone(connection))),
                Some(_) | None => Ok(Entry::Connect),
            },
        }
    }

    /// Connects in a task of its own: while it does, nobody else may, so it has to come to an end also when its caller goes
    /// away.
    async fn probe(self: &Arc<Self>) -> Result<Arc<Connection>, Fault> {
        let (managed, (reporter, report)) = (Arc::clone(self), oneshot::channel());
        {
            let mut state = self.state();
            while state.probes.try_join_next().is_some() {}
            state.probes.spawn(async move {
                let connected = managed.connect().await;
                // A caller that went away needs no report; the breaker has its own.
                drop(reporter.send(connected));
            });
        }
        let ended = || Fault::Lost { server: self.target.to_string().into(), reason: "the probe ended".to_owned() };
        report.await.unwrap_or_else(|_| Err(ended()))
    }

    async fn connect(&self) -> Result<Arc<Connection>, Fault> {
        let connection = Arc::new(self.connect_and_record().await?);
        self.state().connection = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// Connects, and records the outcome with the breaker.
    async fn connect_and_record(&self) -> Result<Connection, Fault> {
        let connected = self.connector.connect(&self.target).await;
        match &connected {
            Ok(_) => {
                if self.state().breaker.succeed() {
                    tracing::info!(server = %self.target, "Redis is back");
                }
            }
            Err(fault) => {
                let mut state = self.state();
                // Where only a further connection is refused, the one that stands serves on.
                if !state.is_connected() {
                    self.fail(&mut state, fault);
                }
            }
        }
        connected
    }

    /// Gives up `connection`, once however many callers lose it at the same time.
    fn lose(&self, connection: &Arc<Connection>, fault: &Fault) {
        let mut state = self.state();
        if state.connection.as_ref().is_some_and(|held| Arc::ptr_eq(held, connection)) {
            state.connection = None;
            self.fail(&mut state, fault);
        }
    }

    /// Has the master asked for again with the next command: another one may have the name, or the address, by now. That is
    /// no failure, for what this one does not refuse it does.
    fn let_go(&self, connection: &Arc<Connection>) {
        let now = Instant::now();
        let mut state = self.state();
        let is_shared = state.connection.as_ref().is_some_and(|held| Arc::ptr_eq(held, connection));
        let is_due = state.next_search.is_none_or(|next| next <= now);
        if is_shared && is_due && !matches!(self.target, Target::Member(_)) {
            state.connection = None;
            state.next_search = Some(now + SEARCH_INTERVAL);
        }
    }

    fn fail(&self, state: &mut State, fault: &Fault) {
        let reason: Arc<str> = fault.to_string().into();
        if state.breaker.fail(Arc::clone(&reason), self.sources.now()) {
            tracing::warn!(server = %self.target, %reason, "Redis is away");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is a single assignment, so a panic leaves nothing half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
