//! Who is on the other end of a connection, as far as that can be trusted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

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
    /// The last address in the chain that no trusted proxy owns: everything before it is hearsay.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let chain = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let mut hops: Vec<IpAddr> =
            chain.flat_map(|line| line.split(',')).map_while(|hop| hop.trim().parse().ok()).collect();
        hops.push(peer);
        let hops: Vec<IpAddr> = hops.into_iter().map(canonical).collect();
        let outside = hops.iter().rev().find(|hop| !self.0.iter().any(|network| network.contains(*hop)));
        *outside.or(hops.first()).expect("the peer is always a hop")
    }
}

/// An IPv4 address written as IPv6 is the same client.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(UNKNOWN, |info| info.0.ip());
        let proxies = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
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
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &str) -> String {
        let networks: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())]);
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
    fn limits_count_by_network() {
        let network =
            |address: &str| Client { address: address.parse().unwrap(), user_agent: None }.network().to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("::1"), "::/64");
    }
}
