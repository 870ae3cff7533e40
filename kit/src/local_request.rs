//! Whether a request comes from this machine, for what is nobody else's business.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{HOST, HeaderName, MAX_FORWARDS, VIA};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Version};

/// A request from this machine to this machine.
///
/// The peer is a loopback address; the host that it asked for is one too, so no page of another site leads here by a name
/// of its own (DNS rebinding); and no proxy stands between, whether it says so in a header or by HTTP/1.0, which nginx before
/// 1.29 speaks to what is behind it unless set otherwise, and which no browser and no collector speaks. A proxy on this
/// machine that adds nothing and speaks HTTP/1.1 can't be distinguished from it. To everybody else there is nothing at the path,
/// unless the route takes an `Option` and answers otherwise.
#[derive(Debug)]
pub struct LocalRequest;

/// What proxies send, besides names that speak of addresses or begin with one of [`PROXIES`].
const FORWARDING: [HeaderName; 13] = [
    VIA,
    MAX_FORWARDS,
    HeaderName::from_static("cdn-loop"),
    HeaderName::from_static("front-end-https"),
    HeaderName::from_static("x-amzn-trace-id"),
    HeaderName::from_static("x-arr-log-id"),
    HeaderName::from_static("x-arr-ssl"),
    HeaderName::from_static("x-cloud-trace-context"),
    HeaderName::from_static("x-nginx-proxy"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-scheme"),
    HeaderName::from_static("x-url-scheme"),
    HeaderName::from_static("x-varnish"),
];

/// How names begin that certain proxies send.
const PROXIES: [&str; 7] = ["cf-", "fastly-", "fly-", "x-azure-", "x-envoy-", "x-original-", "x-vercel-"];

/// Words in names that speak of a client's address: `x-real-ip`, `x-cluster-client-ip`, `x-forwarded-for` and many others.
const ADDRESSES: [&str; 6] = ["forwarded", "ip", "ipv6", "clientip", "socketip", "addr"];

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
    FORWARDING.contains(name)
        || PROXIES.iter().any(|proxy| name.as_str().starts_with(proxy))
        || name.as_str().split(['-', '_']).any(|word| ADDRESSES.contains(&word))
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
    fn a_browser_on_this_machine_is_local() {
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
    }

    #[test]
    fn a_header_of_a_proxy_tells_that_there_is_one() {
        let names = "forwarded x-forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port \
            x-original-forwarded-for x-vercel-forwarded-for forwarded-for forwarded-for-ip x-real-ip x-client-ip \
            x-cluster-client-ip true-client-ip cf-connecting-ip cf-connecting-ipv6 cf-ray fly-client-ip fly-region \
            fastly-client-ip do-connecting-ip x-nf-client-connection-ip x-appengine-user-ip x-azure-clientip \
            x-azure-socketip x-remote-ip x-remote-addr remote-addr x-proxyuser-ip proxy-client-ip wl-proxy-client-ip \
            http_client_ip ali-cdn-real-ip x-envoy-external-address x-envoy-attempt-count x-original-host \
            x-original-url x-original-uri";
        for name in names.split_whitespace().chain(FORWARDING.iter().map(HeaderName::as_str)) {
            assert!(!is_local("127.0.0.1", &[("host", "localhost"), (name, "127.0.0.1")]), "{name}");
        }
        for name in ["user-agent", "accept", "cookie", "authorization", "traceparent", "x-request-id", "x-description"]
        {
            assert!(is_local("127.0.0.1", &[("host", "localhost"), (name, "x")]), "{name}");
        }
    }
}
