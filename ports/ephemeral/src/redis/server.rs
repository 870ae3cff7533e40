//! How Redis is reached: what the operator's settings become.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use contracts::Secret;

/// A Redis, in whichever form it is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisServer {
    /// The servers, and how they stand to each other.
    pub topology: Topology,
    /// Who signs in, if anybody has to.
    pub credentials: Option<Credentials>,
    /// The number of the database; a cluster has only 0.
    pub database: u32,
    /// How connections are protected, if they are.
    pub tls: Option<Tls>,
    /// How long a command may take. A connection may take twice as long until it can be used.
    pub command_timeout: Duration,
}

impl RedisServer {
    /// Redis answers in less than a millisecond unless it hangs, and whoever waits for it is in the middle of a request.
    pub const COMMAND_TIMEOUT: Duration = Duration::from_millis(500);
}

/// How the servers stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// One server.
    Single(Node),
    /// Sentinels that know which server is the master.
    Sentinel {
        /// The sentinels, one or more.
        sentinels: Vec<Node>,
        /// The name that they know the master by.
        master: String,
    },
    /// Some servers of a cluster, one or more.
    Cluster(Vec<Node>),
}

/// Where one server listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user; without one, Redis' default user.
    pub user: Option<String>,
    /// The password.
    pub password: Secret,
}

/// TLS, to a server that an authority vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// A PEM file with authorities that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
