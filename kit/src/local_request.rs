//! Whether a request comes from this machine, for what is nobody else's business.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{FORWARDED, HOST, HeaderName, VIA};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Version};

/// A request from this machine to this machine.
///
/// The peer is a loopback address; the host that it asked for is one too, so no page of another site leads here by a name
/// of its own (DNS rebinding); and no proxy stands between, whether it says so in a header or by HTTP/1.0, which nginx
/// speaks to what is behind it unless told otherwise, and which no browser and no collector speaks. To everybody else there is nothing at the path, unless the route
/// takes an `Option` and answers otherwise.
#[derive(Debug)]
pub struct LocalRequest;

/// What proxies send, besides everything that begins with `x-forwarded-`.
const FORWARDING: [HeaderName; 7] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
];

impl LocalRequest {
    fn of(parts: &Parts) -> Option<Self> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let is_near = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
        let is_direct = parts.version >= Version::HTTP_11 && !parts.headers.keys().any(is_forwarding);
        (is_near && is_direct && asks_for_this_machine(&parts.headers)).then_some(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for LocalRequest {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Self::of(parts).ok_or(StatusCode::NOT_FOUND)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for LocalRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}

fn is_forwarding(name: &HeaderName) -> bool {
    FORWARDING.contains(name) || name.as_str().starts_with("x-forwarded-")
}

fn asks_for_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn is_local(peer: &str, headers: &[(&str, &str)]) -> bool {
        is_local_by(Version::HTTP_11, peer, headers)
    }

    fn is_local_by(version: Version, peer: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 50_000)));
        LocalRequest::of(&parts).is_some()
    }

    #[test]
    fn a_browser_on_this_machine_is_a_neighbour() {
        for host in ["localhost", "localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert!(is_local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(is_local("::1", &[("host", "localhost")]));
        assert!(is_local("::ffff:127.0.0.1", &[("host", "localhost")]));
    }

    #[test]
    fn a_proxy_that_says_nothing_is_known_by_the_version_that_it_speaks() {
        assert!(!is_local_by(Version::HTTP_10, "127.0.0.1", &[("host", "127.0.0.1:8080"), ("connection", "close")]));
        assert!(is_local_by(Version::HTTP_2, "127.0.0.1", &[("host", "127.0.0.1:8080")]));
    }

    #[test]
    fn nobody_else_is() {
        assert!(!is_local("203.0.113.9", &[("host", "localhost")]));
        for host in
            ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.io", "0.0.0.0", "::1", ""]
        {
            assert!(!is_local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!is_local("127.0.0.1", &[]));
        assert!(!is_local("127.0.0.1", &[("host", "localhost"), ("host", "evil.example")]));
        let forwarded = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"];
        for name in FORWARDING.iter().map(HeaderName::as_str).chain(forwarded) {
            assert!(!is_local("127.0.0.1", &[("host", "localhost"), (name, "127.0.0.1")]), "{name}");
        }
    }
}
