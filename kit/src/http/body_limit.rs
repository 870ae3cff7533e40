//! Bodies have a largest size, whatever the route does with them.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

use crate::json::too_large;

/// More than any request of ours needs.
const LARGEST: usize = 256 * 1024;
/// How much of a body that is too large is read away, so that its sender lives to see the answer.
const READ_AWAY: usize = 8 * 1024 * 1024;

/// A body that says it is too large is refused here; one that doesn't say is cut where a route reads it.
pub(super) async fn limit_body(mut request: Request, next: Next) -> Response {
    if declared_length(&request).is_some_and(|length| length > LARGEST as u64) {
        // Whoever asked for leave to send is simply not given it.
        if !request.headers().contains_key(EXPECT) {
            read_away(request.into_body()).await;
        }
        return too_large().into_response();
    }
    DefaultBodyLimit::max(LARGEST).apply(&mut request);
    next.run(request).await
}

fn declared_length(request: &Request) -> Option<u64> {
    let header = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    header.or(request.body().size_hint().exact())
}

/// A connection closed with bytes unread is reset, and the reset can overtake the answer.
async fn read_away(mut body: Body) {
    let mut read = 0;
    while read < READ_AWAY {
        match body.frame().await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => return,
        }
    }
}
