//! Where everything stands that expires.

use contracts::Secret;
use ephemeral::RedisServer;
use ephemeral::redis::{Credentials, Node, Tls, Topology};

use super::given::BadSetting;
use super::table::{REDIS_CA_FILE, REDIS_DB, REDIS_HOST, REDIS_PASSWORD, REDIS_PORT, REDIS_TIMEOUT, REDIS_URL};
use super::value::address::{self, HostPort, Url};
use super::value::{Value, from_str};
use super::values::Values;
use crate::services::{ServiceName, Services};

/// The store behind the ephemeral port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EphemeralChoice {
    /// In the data folder.
    Embedded,
    /// On Redis.
    Redis(RedisServer),
    /// Nowhere: the services of this process keep nothing that expires.
    Absent,
}

const REDIS_PORT_NUMBER: u16 = 6379;
const SENTINEL_PORT_NUMBER: u16 = 26379;

/// What `REDIS_URL` says. An `s` makes it encrypted: `rediss`, `rediss-sentinel`, `rediss-cluster`.
impl Value for RedisServer {
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)?;
        if !url.query.is_empty() {
            return Err("it has parameters, which are settings of their own here".to_owned());
        }
        let (topology, database) = match url.scheme {
            "redis" | "rediss" => (Topology::Single(node(url.hosts, REDIS_PORT_NUMBER)?), number(url.path)?),
            "redis-sentinel" | "rediss-sentinel" => {
                let (master, database) = url.path.split_once('/').unwrap_or((url.path, ""));
                let sentinels = nodes(url.hosts, SENTINEL_PORT_NUMBER)?;
                (Topology::Sentinel { sentinels, master: master_name(master)? }, number(database)?)
            }
            "redis-cluster" | "rediss-cluster" if url.path.is_empty() => {
                (Topology::Cluster(nodes(url.hosts, REDIS_PORT_NUMBER)?), 0)
            }
            "redis-cluster" | "rediss-cluster" => return Err("a cluster has no numbered databases".to_owned()),
            _ => return Err("its scheme is not redis, rediss, redis-sentinel or redis-cluster".to_owned()),
        };
        let tls = url.scheme.starts_with("rediss").then(Tls::default);
        Ok(Self {
            topology,
            credentials: credentials(url.credentials)?,
            database,
            tls,
            command_timeout: RedisServer::COMMAND_TIMEOUT,
        })
    }
}

fn node(text: &str, default_port: u16) -> Result<Node, String> {
    HostPort::parse(text, default_port).map(into_node)
}

fn nodes(text: &str, default_port: u16) -> Result<Vec<Node>, String> {
    Ok(HostPort::parse_list(text, default_port)?.into_iter().map(into_node).collect())
}

fn into_node(HostPort { host, port }: HostPort) -> Node {
    Node { host, port }
}

fn credentials(given: address::Credentials) -> Result<Option<Credentials>, String> {
    match (given.user, given.password) {
        (None, None) => Ok(None),
        (user, Some(password)) => Ok(Some(Credentials { user, password })),
        (Some(_), None) => Err("it names a user without a password".to_owned()),
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
        let server = match (own, common) {
            (None, None) if services.defaults().is_some_and(|defaults| !defaults.needs_redis) => {
                return Ok(Self::Absent);
            }
            (None, None) => return Ok(Self::Embedded),
            (Some(server), None) | (None, Some(server)) => server,
            (Some(own), Some(_)) if services.alone().is_some() => own,
            (Some(own), Some(common)) => merge(own, common)?,
        };
        let command_timeout = values.take(&REDIS_TIMEOUT)?;
        Ok(Self::Redis(RedisServer { command_timeout, ..vouched_for(server, values)? }))
    }
}

fn from_parts(values: &mut Values) -> Result<Option<RedisServer>, BadSetting> {
    let Some(host) = values.get(&REDIS_HOST)? else { return Ok(None) };
    let host = HostPort::parse(&host, REDIS_PORT_NUMBER).map_err(|reason| values.fault(REDIS_HOST.row, &reason))?;
    let port = values.take_or(&REDIS_PORT, host.port)?;
    let password: Option<Secret> = values.get(&REDIS_PASSWORD)?;
    Ok(Some(RedisServer {
        topology: Topology::Single(Node { host: host.host, port }),
        credentials: password.map(|password| Credentials { user: None, password }),
        database: values.take_or(&REDIS_DB, 0)?,
        tls: None,
        command_timeout: RedisServer::COMMAND_TIMEOUT,
    }))
}

fn merge(own: RedisServer, common: RedisServer) -> Result<RedisServer, BadSetting> {
    let is_same_store = own.topology == common.topology && own.database == common.database;
    let is_same_password = match (&own.credentials, &common.credentials) {
        (Some(own), Some(common)) => own.password == common.password,
        (None, _) | (_, None) => true,
    };
    if !is_same_store || !is_same_password {
        let reason = "REDIS_HOST and its like mean another Redis than REDIS_URL; in one process all services share one";
        return Err(BadSetting::new(reason).beside(&REDIS_HOST.row));
    }
    Ok(RedisServer { credentials: common.credentials.or(own.credentials), ..common })
}

/// Adds the authority of `REDIS_CA_FILE`, which means nothing to a connection in plain.
fn vouched_for(server: RedisServer, values: &Values) -> Result<RedisServer, BadSetting> {
    match (values.get(&REDIS_CA_FILE)?, server.tls) {
        (None, tls) => Ok(RedisServer { tls, ..server }),
        (ca_file, Some(_)) => Ok(RedisServer { tls: Some(Tls { ca_file }), ..server }),
        (Some(_), None) => {
            let reason = "Redis is reached in plain; rediss:// in REDIS_URL encrypts";
            Err(values.fault(REDIS_CA_FILE.row, reason))
        }
    }
}
