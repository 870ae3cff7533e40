//! One server, or one master by its name, and the connection to it that all callers share.
//!
//! Connected by whoever needs it first, and again once it is lost; while the server is away, callers are refused at once
//! and one at a time looks whether it is back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clock::Sources;
use redis::{Cmd, Value};

use super::breaker::{Admission, Breaker};
use super::dialer::{Dialer, Target};
use super::fault::Fault;
use super::link::{Link, Manner};

/// The way to a server.
pub(super) struct Line {
    target: Target,
    dialer: Arc<Dialer>,
    sources: Sources,
    state: Mutex<State>,
    /// Held by whoever connects while nothing is known against the server; the others wait for the outcome.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    breaker: Breaker,
}

impl State {
    fn is_connected(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_open())
    }
}

/// How a caller gets to a connection.
enum Entry {
    Open(Arc<Link>),
    Connect,
    Probe,
}

impl Line {
    pub(super) fn new(target: Target, dialer: Arc<Dialer>, sources: Sources) -> Self {
        Self { target, dialer, sources, state: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    /// Whose line it is; the host is empty where sentinels decide.
    pub(super) fn host(&self) -> &str {
        match &self.target {
            Target::Node(node) | Target::Member(node) => &node.host,
            Target::Master { .. } => "",
        }
    }

    /// Sends `command` once. It is never repeated here: an answer that was lost does not mean that nothing was done.
    pub(super) async fn call(&self, command: &Cmd, manner: Manner) -> Result<Value, Fault> {
        let link = self.link().await?;
        let answer = link.send(command, manner).await;
        if let Err(fault) = &answer
            && fault.ends_connection()
        {
            self.lose(&link, fault);
        }
        answer
    }

    /// A connection of its own, for a caller that keeps it waiting.
    pub(super) async fn own_link(&self) -> Result<Link, Fault> {
        self.enter()?;
        self.dial().await
    }

    async fn link(&self) -> Result<Arc<Link>, Fault> {
        let _turn = match self.enter()? {
            Entry::Open(link) => return Ok(link),
            Entry::Probe => return self.connect().await,
            Entry::Connect => self.connecting.lock().await,
        };
        match self.enter()? {
            Entry::Open(link) => Ok(link),
            Entry::Probe | Entry::Connect => self.connect().await,
        }
    }

    fn enter(&self) -> Result<Entry, Fault> {
        let mut state = self.state();
        match state.breaker.admit(self.sources.now()) {
            Admission::Refuse(reason) => Err(Fault::Away(reason)),
            Admission::Probe => Ok(Entry::Probe),
            // One that the server closed while nobody used it is no failure, and nothing is lost with it.
            Admission::Pass => match &state.link {
                Some(link) if link.is_open() => Ok(Entry::Open(Arc::clone(link))),
                Some(_) | None => Ok(Entry::Connect),
            },
        }
    }

    async fn connect(&self) -> Result<Arc<Link>, Fault> {
        let link = Arc::new(self.dial().await?);
        self.state().link = Some(Arc::clone(&link));
        Ok(link)
    }

    /// Dials, and tells the breaker.
    async fn dial(&self) -> Result<Link, Fault> {
        let dialled = self.dialer.dial(&self.target).await;
        match &dialled {
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
        dialled
    }

    /// Gives up `link`, once however many callers lose it at the same time.
    fn lose(&self, link: &Arc<Link>, fault: &Fault) {
        let mut state = self.state();
        if state.link.as_ref().is_some_and(|held| Arc::ptr_eq(held, link)) {
            state.link = None;
            self.fail(&mut state, fault);
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
