//! Hosts, ports and URLs of the servers that the platform stands on.

use std::fmt;

use contracts::Secret;
use percent_encoding::percent_decode_str;

use super::{Value, from_str, list};

/// A server: a name or an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What stands in front of the `@` in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// Who signs in; some servers know only a password.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

/// The parts of a URL whose authority may name several hosts, which no URL standard knows.
pub(in crate::settings) struct Url<'a> {
    pub(in crate::settings) scheme: &'a str,
    pub(in crate::settings) credentials: Credentials,
    pub(in crate::settings) hosts: &'a str,
    pub(in crate::settings) path: &'a str,
    pub(in crate::settings) query: &'a str,
}

impl HostPort {
    /// Reads `host`, `host:port` or `[::1]:port`.
    pub(in crate::settings) fn parse(text: &str, default_port: u16) -> Result<Self, String> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or("an IPv6 address without its ]")?;
                (host, port.strip_prefix(':'))
            }
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c));
        if !is_host {
            return Err("not a host name or address".to_owned());
        }
        let port = port.map_or(Ok(default_port), |port| from_str(port, "a port from 0 to 65535"))?;
        Ok(Self { host: host.to_owned(), port })
    }

    /// Reads several, by commas, at least one.
    pub(in crate::settings) fn parse_list(text: &str, default_port: u16) -> Result<Vec<Self>, String> {
        let hosts = list(text, |host| Self::parse(host, default_port))?;
        if hosts.is_empty() { Err("it names no host".to_owned()) } else { Ok(hosts) }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Kafka's brokers.
impl Value for Vec<HostPort> {
    fn parse(text: &str) -> Result<Self, String> {
        HostPort::parse_list(text, 9092)
    }
}

impl<'a> Url<'a> {
    pub(in crate::settings) fn parse(text: &'a str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or("not a URL")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Credentials::parse(credentials)?, hosts),
            None => (Credentials::default(), authority),
        };
        Ok(Self { scheme, credentials, hosts, path, query })
    }
}

impl Credentials {
    fn parse(text: &str) -> Result<Self, String> {
        let (user, password) = text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
        let decode = |part: &str| {
            let decoded = percent_decode_str(part).decode_utf8();
            decoded.map(String::from).map_err(|_| "its user or password is not UTF-8".to_owned())
        };
        Ok(Self {
            user: Some(decode(user)?).filter(|user| !user.is_empty()),
            password: password.map(decode).transpose()?.filter(|password| !password.is_empty()).map(Secret::new),
        })
    }

    /// Whether nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.user.is_none() && self.password.is_none()
    }
}
