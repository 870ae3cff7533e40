//! Who is on the other end of a connection, as far as that can be trusted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use ipnet::IpNet;

use crate::Problem;

/// Networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Arc<[IpNet]>);

/// The client of a request.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where it comes from: the peer, or what a trusted proxy says of it.
    pub address: IpAddr,
    /// How its program names itself, at most 200 characters.
    pub user_agent: Option<String>,
}

impl Client {
    /// The network that limits are counted by and security events show: /24 of IPv4, /64 of IPv6.
    #[must_use]
    pub fn network(&self) -> IpNet {
        let length = match self.address {
            IpAddr::V4(_) => 24,
            IpAddr::V6(_) => 64,
        };
        IpNet::new(self.address, length).expect("24 of 32 and 64 of 128 bits are prefixes").trunc()
    }
}

impl TrustedProxies {
    /// Whether `address` is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whose connections and streams count together where they are limited: an address of IPv4, a /56 of IPv6. None for a proxy,
    /// which is many.
    pub(crate) fn limited(&self, address: IpAddr) -> Option<IpNet> {
        let address = address.to_canonical();
        if self.contains(address) {
            return None;
        }
        let length = if address.is_ipv4() { 32 } else { 56 };
        Some(IpNet::new(address, length).expect("32 of 32 and 56 of 128 bits are prefixes").trunc())
    }

    /// The last address in the chain that no trusted proxy owns: everything before it is hearsay. What is no address can't be
    /// passed either: the hop that named it is then the client.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        for hop in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
            if !self.contains(client) {
                break;
            }
            match std::str::from_utf8(hop).ok().and_then(|hop| address_of(hop.trim())) {
                Some(address) => client = address,
                None => break,
            }
        }
        client
    }
}

/// Whether it was logged that a peer forwards addresses without being believed: once for all requests of one stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct StrangerLog(Arc<AtomicBool>);

impl StrangerLog {
    /// Logs `peer` if it is the first.
    fn log(&self, peer: IpAddr) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(%peer, "X-Forwarded-For from a peer that is not in TRUSTED_PROXIES is not believed; behind a proxy all clients share its limits");
        }
    }
}

/// The address in `ip`, `ip:port`, `[v6]` or `[v6]:port`. One of IPv4 written as IPv6 is the same client.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = || hop.parse().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let address: IpAddr = bare().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(UNKNOWN, |info| info.0.ip());
        let proxies = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
        if parts.headers.contains_key("x-forwarded-for") && !proxies.contains(peer) {
            parts.extensions.get::<StrangerLog>().cloned().unwrap_or_default().log(peer);
        }
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self {
            address: proxies.client(peer, &parts.headers),
            user_agent: user_agent.map(|name| name.chars().filter(|c| !c.is_control()).take(200).collect()),
        })
    }
}

/// A request that came over no socket, as in a test of one router.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &str) -> String {
        let networks: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let headers = HeaderMap::from_iter([(
            "x-forwarded-for".parse().unwrap(),
            HeaderValue::from_bytes(forwarded.as_bytes()).unwrap(),
        )]);
        TrustedProxies(networks.into()).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        assert_eq!(client(&[], "203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", "198.51.100.1"), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_names_the_client_and_nobody_before_it() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 198.51.100.1"), "198.51.100.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", "198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn a_hop_may_carry_its_port() {
        for hop in ["198.51.100.1:51234", "::ffff:198.51.100.1", "[::ffff:198.51.100.1]:80"] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", hop), "198.51.100.1", "{hop}");
        }
        for hop in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", hop), "2001:db8::7", "{hop}");
        }
    }

    #[test]
    fn what_a_client_writes_before_its_address_changes_nothing() {
        for garbage in ["garbage", "unknown", "", ",,", "ş", "1.2.3.4:99999", "[::1", "127.0.0.1"] {
            let forwarded = format!("{garbage}, 198.51.100.1");
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &forwarded), "198.51.100.1", "{garbage}");
        }
    }

    #[test]
    fn a_hop_that_is_no_address_leaves_the_one_that_forwarded_it() {
        for forwarded in ["garbage", "", "ş", "198.51.100.1:99999"] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", forwarded), "10.0.0.1", "{forwarded}");
            assert_eq!(
                client(&["10.0.0.0/8"], "10.0.0.1", &format!("{forwarded}, 10.0.0.2")),
                "10.0.0.2",
                "{forwarded}"
            );
        }
    }

    #[test]
    fn lines_of_the_header_are_read_from_the_last_one_on() {
        let proxies = TrustedProxies(["10.0.0.0/8".parse().unwrap()].into());
        let lines = ["1.2.3.4", "ş", "198.51.100.1", "10.0.0.2"];
        let mut all = HeaderMap::new();
        for line in lines {
            all.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }

        assert_eq!(proxies.client([10, 0, 0, 1].into(), &all).to_string(), "198.51.100.1");
    }

    #[test]
    fn limits_count_by_network() {
        let network =
            |address: &str| Client { address: address.parse().unwrap(), user_agent: None }.network().to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("::1"), "::/64");
    }
}
