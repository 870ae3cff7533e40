//! The servers behind the port: one at a time, or a cluster that shares the keys.

use std::sync::Arc;

use clock::Sources;
use redis::{Cmd, Value};

use super::cluster::Cluster;
use super::dialer::{Dialer, Target};
use super::fault::Fault;
use super::line::Line;
use super::link::{Link, Manner};
use super::server::{RedisServer, Topology};
use crate::EphemeralError;

/// Where commands go.
pub(super) enum Servers {
    One(Arc<Line>),
    Cluster(Cluster),
}

impl Servers {
    pub(super) fn new(server: &RedisServer, sources: &Sources) -> crate::Result<Self> {
        let dialer = Arc::new(Dialer::new(server)?);
        let one = |target| Self::One(Arc::new(Line::new(target, dialer.clone(), sources.clone())));
        Ok(match &server.topology {
            Topology::Sentinel { sentinels: nodes, .. } | Topology::Cluster(nodes) if nodes.is_empty() => {
                return Err(EphemeralError::Unavailable("no server of Redis is named".into()));
            }
            Topology::Single(node) => one(Target::Node(node.clone())),
            Topology::Sentinel { sentinels, master } => {
                one(Target::Master { sentinels: sentinels.clone(), name: master.clone() })
            }
            Topology::Cluster(seeds) => Self::Cluster(Cluster::new(seeds.clone(), dialer.clone(), sources.clone())),
        })
    }

    /// Sends `command`, which is about `key` alone.
    pub(super) async fn call(&self, key: &str, command: &Cmd) -> Result<Value, Fault> {
        match self {
            Self::One(line) => line.call(command, Manner::Plain).await,
            Self::Cluster(cluster) => cluster.call(key, command).await,
        }
    }

    /// A connection of its own to the server that holds `key`.
    pub(super) async fn own_link(&self, key: &str) -> Result<Link, Fault> {
        match self {
            Self::One(line) => line.own_link().await,
            Self::Cluster(cluster) => {
                let opened = cluster.owner(key).await?.own_link().await;
                opened.inspect_err(|_| cluster.doubt())
            }
        }
    }

    /// Notes that a connection of somebody's own led nowhere.
    pub(super) fn doubt(&self) {
        match self {
            Self::One(_) => {}
            Self::Cluster(cluster) => cluster.doubt(),
        }
    }

    /// The lines to all servers that are written to.
    pub(super) async fn masters(&self) -> Result<Vec<Arc<Line>>, Fault> {
        match self {
            Self::One(line) => Ok(vec![line.clone()]),
            Self::Cluster(cluster) => cluster.masters().await,
        }
    }
}
