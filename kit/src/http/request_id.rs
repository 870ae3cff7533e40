//! The name of one request, in its answer and on its log lines.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use clock::Sources;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A client's id is taken up to this length.
const LONGEST: usize = 64;

/// The id that the client (or a gateway) gave, if it is harmless in a log; else a new one.
pub(super) fn request_id(headers: &HeaderMap, sources: &Sources) -> HeaderValue {
    match headers.get(X_REQUEST_ID) {
        Some(given) if is_well_formed(given.as_bytes()) => given.clone(),
        _ => HeaderValue::from_str(&sources.uuid().to_string()).expect("a UUID is plain ASCII"),
    }
}

fn is_well_formed(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}
