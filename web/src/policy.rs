//! What browsers may do with our pages.

use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};

/// A page may hold a token in its address or a mail in its text: no other site learns its address or holds it in a frame or a
/// window, and nothing in it can load, run or send to anything but ourselves. Its forms name their origin: under `no-referrer`
/// a browser sends `Origin: null` with them, by which nobody can distinguish them from a stranger's.
pub(crate) const POLICIES: [(HeaderName, &str); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "strict-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
