//! Where everything stands that expires.

use std::path::PathBuf;

use contracts::Secret;

use super::address::{Credentials, HostPort, Url};
use super::services::{ServiceName, Services};
use super::table::{REDIS_CA_FILE, REDIS_DB, REDIS_HOST, REDIS_PASSWORD, REDIS_PORT, REDIS_URL};
use super::value::{Value, from_str};
use super::values::{BadSetting, Values};

/// The store behind the ephemeral port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EphemeralChoice {
    /// In the data folder.
    Embedded,
    /// On Redis.
    Redis(Redis),
}

/// How Redis is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redis {
    /// Where, and with which credentials.
    pub url: RedisUrl,
    /// Who else may have signed its certificate.
    pub ca_file: Option<PathBuf>,
}

/// What `REDIS_URL` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    /// The servers.
    pub topology: Topology,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The user and the password.
    pub credentials: Credentials,
    /// The number of the database; a cluster has only 0.
    pub database: u32,
}

/// How the servers stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// One server.
    Single(HostPort),
    /// Sentinels that know which server is the master.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<HostPort>,
        /// The name that they know the master by.
        master: String,
    },
    /// Some servers of a cluster.
    Cluster(Vec<HostPort>),
}

const REDIS_PORT_NUMBER: u16 = 6379;
const SENTINEL_PORT_NUMBER: u16 = 26379;

impl Value for RedisUrl {
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)?;
        if !url.query.is_empty() {
            return Err("it has parameters, which are settings of their own here".to_owned());
        }
        let (topology, database) = match url.scheme {
            "redis" | "rediss" => (Topology::Single(HostPort::parse(url.hosts, REDIS_PORT_NUMBER)?), number(url.path)?),
            "redis-sentinel" => {
                let (master, database) = url.path.split_once('/').unwrap_or((url.path, ""));
                let sentinels = HostPort::parse_list(url.hosts, SENTINEL_PORT_NUMBER)?;
                (Topology::Sentinel { sentinels, master: master_name(master)? }, number(database)?)
            }
            "redis-cluster" if url.path.is_empty() => {
                (Topology::Cluster(HostPort::parse_list(url.hosts, REDIS_PORT_NUMBER)?), 0)
            }
            "redis-cluster" => return Err("a cluster has no numbered databases".to_owned()),
            _ => return Err("its scheme is not redis, rediss, redis-sentinel or redis-cluster".to_owned()),
        };
        Ok(Self { topology, tls: url.scheme == "rediss", credentials: url.credentials, database })
    }
}

fn number(path: &str) -> Result<u32, String> {
    if path.is_empty() { Ok(0) } else { from_str(path, "a database number at its end") }
}

fn master_name(name: &str) -> Result<String, String> {
    if name.is_empty() {
        Err("it does not name the master, as in redis-sentinel://host/master".to_owned())
    } else {
        Ok(name.to_owned())
    }
}

impl EphemeralChoice {
    /// A service reads its own names first; in one process all share one store, so names that mean different ones stop it.
    pub(super) fn read(values: &mut Values, services: &Services) -> Result<Self, BadSetting> {
        let common = values.get(&REDIS_URL)?;
        let own = if services.contains(ServiceName::Auth) { from_parts(values)? } else { None };
        let url = match (own, common) {
            (None, None) => return Ok(Self::Embedded),
            (Some(url), None) | (None, Some(url)) => url,
            (Some(own), Some(_)) if services.alone().is_some() => own,
            (Some(own), Some(common)) => merge(own, common)?,
        };
        Ok(Self::Redis(Redis { url, ca_file: values.get(&REDIS_CA_FILE)? }))
    }
}

fn from_parts(values: &mut Values) -> Result<Option<RedisUrl>, BadSetting> {
    let Some(host) = values.get(&REDIS_HOST)? else { return Ok(None) };
    let host = HostPort::parse(&host, REDIS_PORT_NUMBER).map_err(|reason| values.fault(REDIS_HOST.row, &reason))?;
    let port = values.take_or(&REDIS_PORT, host.port)?;
    let password: Option<Secret> = values.get(&REDIS_PASSWORD)?;
    Ok(Some(RedisUrl {
        topology: Topology::Single(HostPort { port, ..host }),
        tls: false,
        credentials: Credentials { user: None, password },
        database: values.take_or(&REDIS_DB, 0)?,
    }))
}

fn merge(own: RedisUrl, common: RedisUrl) -> Result<RedisUrl, BadSetting> {
    let is_same_store = own.topology == common.topology && own.database == common.database;
    let both_sign_in = !own.credentials.is_empty() && !common.credentials.is_empty();
    if !is_same_store || (both_sign_in && own.credentials.password != common.credentials.password) {
        let reason = "REDIS_HOST and its like mean another Redis than REDIS_URL; in one process all services share one";
        return Err(BadSetting(reason.to_owned()));
    }
    Ok(if common.credentials.is_empty() { RedisUrl { credentials: own.credentials, ..common } } else { common })
}
