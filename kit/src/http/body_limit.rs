//! Bodies have a largest size, whatever the route does with them.

use axum::body::HttpBody;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::json::too_large;

/// More than any request of ours needs.
const LARGEST: usize = 256 * 1024;

/// A body that says it is too large is refused here, before it comes; one that doesn't say is cut where a route reads it.
pub(super) async fn limit_body(mut request: Request, next: Next) -> Response {
    if declared_length(&request).is_some_and(|length| length > LARGEST as u64) {
        return too_large().into_response();
    }
    DefaultBodyLimit::max(LARGEST).apply(&mut request);
    next.run(request).await
}

fn declared_length(request: &Request) -> Option<u64> {
    let header = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    header.or(request.body().size_hint().exact())
}
