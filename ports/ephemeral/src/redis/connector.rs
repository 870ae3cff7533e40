//! Opens connections: finds the server, shakes hands, signs in and makes sure that it is fit to be asked.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use redis::{Cmd, FromRedisValue, Value};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::connection::Connection;
use super::fault::Fault;
use super::server::{Credentials, Node, RedisServer};
use super::tls;
use super::votes::Votes;
use crate::EphemeralError;

/// Who is connected to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// This server, which has to be a master.
    Node(Node),
    /// This server of a cluster, which redirects what is not its own.
    Member(Node),
    /// The server that the sentinels call the master of this name.
    Master { sentinels: Vec<Node>, name: String },
}

/// What all connections have in common.
pub(super) struct Connector {
    tls: Option<TlsConnector>,
    credentials: Option<Credentials>,
    database: u32,
    command_timeout: Duration,
    connections: AtomicU64,
}

impl Connector {
    /// Reads the authorities that are trusted, if any are needed.
    pub(super) fn new(server: &RedisServer) -> crate::Result<Self> {
        let tls = server.tls.as_ref().map(tls::connector).transpose();
        let tls = tls.map_err(|error| EphemeralError::Unavailable(Box::new(error)))?;
        let RedisServer { credentials, database, command_timeout, .. } = server.clone();
        Ok(Self { tls, credentials, database, command_timeout, connections: AtomicU64::new(0) })
    }

    /// How many were made so far.
    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Acquire)
    }

    /// A connection that is ready to be used.
    pub(super) async fn connect(&self, target: &Target) -> Result<Connection, Fault> {
        let opened = async {
            match target {
                Target::Node(node) => self.connect_master(node).await,
                Target::Member(node) => self.connect_node(node).await,
                Target::Master { sentinels, name } => self.connect_elected(sentinels, name).await,
            }
        };
        let limit = self.command_timeout.saturating_mul(2);
        let connected = tokio::time::timeout(limit, opened).await.unwrap_or_else(|_| {
            Err(Fault::Lost { server: target.to_string().into(), reason: format!("no connection within {limit:?}") })
        });
        if connected.is_ok() {
            self.connections.fetch_add(1, Ordering::Release);
        }
        connected
    }

    async fn connect_node(&self, node: &Node) -> Result<Connection, Fault> {
        let connection = self.open(node).await?;
        self.sign_in(&connection).await?;
        if self.database != 0 {
            connection.ask::<()>(redis::cmd("SELECT").arg(self.database)).await?;
        }
        // One that hangs, loads its data or wants a password that we do not have says so here.
        connection.ask::<String>(&redis::cmd("PING")).await?;
        Ok(connection)
    }

    async fn connect_master(&self, node: &Node) -> Result<Connection, Fault> {
        let connection = self.connect_node(node).await?;
        let role: Vec<Value> = match connection.ask(&redis::cmd("ROLE")).await {
            // Whoever must not know it will be told by the first write.
            Err(fault) if fault.is_forbidden() => return Ok(connection),
            role => role?,
        };
        match role.first() {
            Some(Value::BulkString(role)) if role == b"master" => Ok(connection),
            _ => Err(lost(node, "it is a replica, which takes no writes")),
        }
    }

    /// Asks all sentinels at once: some may be away, and one that is cut off from the others goes on naming a master that
    /// they have replaced. So the one that most of them name is connected to, and only where no such one is, those that some name.
    async fn connect_elected(&self, sentinels: &[Node], name: &str) -> Result<Connection, Fault> {
        let mut asked: FuturesUnordered<_> =
            sentinels.iter().map(|sentinel| self.ask_for_master(sentinel, name)).collect();
        let (mut votes, mut connected) = (Votes::default(), Err(Fault::Away("no sentinel was asked".into())));
        while let Some(answer) = asked.next().await {
            match answer {
                Ok(master) if votes.count(&master) * 2 > sentinels.len() => return self.connect_master(&master).await,
                Ok(_) => {}
                Err(fault) => connected = Err(fault),
            }
        }
        for master in votes.most_first() {
            connected = self.connect_master(&master).await;
            if connected.is_ok() {
                break;
            }
        }
        connected
    }

    /// A sentinel that hangs takes no longer than any command, which leaves time for the master.
    async fn ask_for_master(&self, sentinel: &Node, name: &str) -> Result<Node, Fault> {
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(name);
        let asked = tokio::time::timeout(self.command_timeout, self.ask_sentinel(sentinel, &question)).await;
        match asked.unwrap_or_else(|_| Err(lost(sentinel, format!("no answer within {:?}", self.command_timeout))))? {
            Some((host, port)) => Ok(Node { host, port }),
            None => Err(lost(sentinel, format!("it knows no master {name}"))),
        }
    }

    /// Sentinels often have no password though the servers have.
    async fn ask_sentinel<T: FromRedisValue>(&self, sentinel: &Node, question: &Cmd) -> Result<T, Fault> {
        let connection = self.open(sentinel).await?;
        match connection.ask(question).await {
            Err(fault) if fault.is_sign_in_missing() => {
                self.sign_in(&connection).await?;
                connection.ask(question).await
            }
            answer => answer,
        }
    }

    async fn sign_in(&self, connection: &Connection) -> Result<(), Fault> {
        let Some(Credentials { user, password }) = &self.credentials else { return Ok(()) };
        let mut auth = redis::cmd("AUTH");
        auth.arg(user).arg(password.expose());
        connection.ask(&auth).await
    }

    async fn open(&self, node: &Node) -> Result<Connection, Fault> {
        let failed = |error: io::Error| lost(node, error.to_string());
        let stream = TcpStream::connect((node.host.as_str(), node.port)).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        match &self.tls {
            Some(tls) => {
                let name = ServerName::try_from(node.host.clone()).map_err(io::Error::other).map_err(failed)?;
                Connection::over(tls.connect(name, stream).await.map_err(failed)?, name_of(node), self.command_timeout)
                    .await
            }
            None => Connection::over(stream, name_of(node), self.command_timeout).await,
        }
    }
}

fn lost(node: &Node, reason: impl Into<String>) -> Fault {
    Fault::Lost { server: name_of(node), reason: reason.into() }
}

fn name_of(node: &Node) -> Arc<str> {
    format!("Redis at {node}").into()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) | Self::Member(node) => write!(f, "Redis at {node}"),
            Self::Master { name, .. } => write!(f, "Redis master {name}"),
        }
    }
}
