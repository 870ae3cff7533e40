//! How a Postgres is reached and used.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use contracts::Secret;

/// A database of a Postgres server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postgres {
    /// The server's name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in.
    pub user: String,
    /// The password, where the server wants one.
    pub password: Option<Secret>,
    /// The database, which must exist; its tables are ours to make.
    pub name: String,
    /// How the connection is protected.
    pub ssl: SslMode,
    /// A PEM file with the authority that signed the server's certificate, besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// Connections at a time, besides one for each session lock.
    pub pool_size: NonZeroU32,
    /// How long the server may work on one statement.
    pub statement_timeout: Duration,
}

/// How a connection to Postgres is protected, in Postgres' own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// TLS where the server offers it.
    Prefer,
    /// TLS, whoever the server is.
    Require,
    /// TLS with a certificate of an authority that we trust.
    VerifyCa,
    /// That, and for this host's name.
    VerifyFull,
}

impl Postgres {
    /// The database `name` of a server on this machine that takes `user` without a password; with the defaults of
    /// everything else.
    #[must_use]
    pub fn local(port: u16, user: &str, name: &str) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            user: user.to_owned(),
            password: None,
            name: name.to_owned(),
            ssl: SslMode::Disable,
            ca_file: None,
            pool_size: NonZeroU32::MIN.saturating_add(9),
            statement_timeout: Duration::from_secs(2),
        }
    }
}

/// Where it is, without a secret.
impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, name, user, .. } = self;
        if host.contains(':') {
            write!(f, "database {name} at [{host}]:{port} as {user}")
        } else {
            write!(f, "database {name} at {host}:{port} as {user}")
        }
    }
}
