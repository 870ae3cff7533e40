//! The servers behind the port: one at a time, or a cluster that shares the keys.

use std::sync::Arc;

use clock::Sources;
use redis::{Cmd, Value};

use super::cluster::Cluster;
use super::connection::{Connection, SendMode};
use super::connector::{Connector, Target};
use super::fault::Fault;
use super::managed_connection::ManagedConnection;
use super::server::{RedisServer, Topology};
use crate::EphemeralError;

/// Where commands go.
pub(super) struct Servers {
    ways: Ways,
    connector: Arc<Connector>,
}

enum Ways {
    One(Arc<ManagedConnection>),
    Cluster(Box<Cluster>),
}

impl Servers {
    pub(super) fn new(server: &RedisServer, sources: &Sources) -> crate::Result<Self> {
        let connector = Arc::new(Connector::new(server)?);
        let one = |target| Ways::One(Arc::new(ManagedConnection::new(target, connector.clone(), sources.clone())));
        let ways = match &server.topology {
            Topology::Sentinel { sentinels: nodes, .. } | Topology::Cluster(nodes) if nodes.is_empty() => {
                return Err(EphemeralError::Unavailable("no server of Redis is named".into()));
            }
            Topology::Single(node) => one(Target::Node(node.clone())),
            Topology::Sentinel { sentinels, master } => {
                one(Target::Master { sentinels: sentinels.clone(), name: master.clone() })
            }
            Topology::Cluster(seeds) => {
                Ways::Cluster(Box::new(Cluster::new(seeds.clone(), connector.clone(), sources.clone())))
            }
        };
        Ok(Self { ways, connector })
    }

    /// How many connections were made so far, to whichever server.
    pub(super) fn connections(&self) -> u64 {
        self.connector.connections()
    }

    /// Sends `command`, which is about `key` alone.
    pub(super) async fn call(&self, key: &str, command: &Cmd) -> Result<Value, Fault> {
        match &self.ways {
            Ways::One(server) => server.call(command, SendMode::Plain).await,
            Ways::Cluster(cluster) => cluster.call(key, command).await,
        }
    }

    /// A connection of its own to the server that holds `key`.
    pub(super) async fn dedicated_connection(&self, key: &str) -> Result<Connection, Fault> {
        match &self.ways {
            Ways::One(server) => server.dedicated_connection().await,
            Ways::Cluster(cluster) => {
                let owner = cluster.owner(key).await?;
                owner.dedicated_connection().await.inspect_err(|fault| cluster.note(&owner, fault))
            }
        }
    }

    /// Whether `dedicated` leads to the server that is in charge as far as is known. In a cluster one that is not
    /// says so itself.
    pub(super) fn leads_to_owner(&self, dedicated: &Connection) -> bool {
        match &self.ways {
            Ways::One(server) => server.shares_server(dedicated),
            Ways::Cluster(_) => true,
        }
    }

    /// Notes what a connection of somebody's own to the server that holds `key` met.
    pub(super) fn doubt(&self, key: &str, fault: &Fault) {
        match &self.ways {
            Ways::One(_) => {}
            Ways::Cluster(cluster) => cluster.note_at_owner(key, fault),
        }
    }

    /// All servers that are written to.
    pub(super) async fn masters(&self) -> Result<Vec<Arc<ManagedConnection>>, Fault> {
        match &self.ways {
            Ways::One(server) => Ok(vec![server.clone()]),
            Ways::Cluster(cluster) => cluster.masters().await,
        }
    }
}
