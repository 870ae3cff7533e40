//! One log line, one span and two metrics per request.
//!
//! They name routes, never what a client has filled in: whoever knows the id of a cart without an owner may change it, and
//! links in mails carry their tokens in queries.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use bus::TraceParent;
use clock::Sources;
use metrics::{Unit, describe_counter, describe_histogram};
use tracing::{Instrument, Span};

use super::request_id::{X_REQUEST_ID, request_id};
use crate::excerpt::{LONGEST_PATH, excerpt};

/// The route of a request that has none.
const UNMATCHED: &str = "unmatched";

/// Names, units and meanings of what is counted here.
pub(super) fn describe() {
    describe_counter!("http_requests_total", Unit::Count, "Requests that were answered, by method, route and status");
    describe_histogram!("http_request_duration_seconds", Unit::Seconds, "From a request's head to its answer");
}

pub(super) async fn observe(State(sources): State<Sources>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers(), &sources);
    let method = label_of(request.method());
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.clone().unwrap_or_else(|| UNMATCHED.to_owned());
    let path = matched.unwrap_or_else(|| without_ids(request.uri().path()));
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        trace = tracing::field::Empty,
        method,
        path = &*path,
    );
    let trace = trace_of(&span, request.headers(), &sources);
    span.record("trace", trace.as_str());

    let mut response = trace.scope(next.run(request)).instrument(span.clone()).await;

    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    span.in_scope(|| tracing::info!(status, milliseconds = milliseconds(elapsed), "answered"));
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route).record(elapsed);
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// A path that no route has, for who wonders what was asked for, as far as it holds no id: something may stand around one, and
/// some of it may be escaped, but each has a digit.
fn without_ids(path: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.');
    let segments = path.split('/').map(|segment| if segment.chars().all(is_word) { segment } else { "{…}" });
    let segments: Vec<&str> = segments.collect();
    excerpt(&segments.join("/"), LONGEST_PATH).into_owned()
}

/// A request was refused by its head, which hyper answers by itself: there is no method and no path to log.
pub(super) fn count_unread_head(status: StatusCode) {
    let status = status.as_u16();
    tracing::info!(status, "answered a head that can't be read");
    let labels = [("method", "other".to_owned()), ("route", UNMATCHED.to_owned()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
}

/// To the microsecond: three digits behind the point, as a number also in JSON.
fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}

/// The trace that the client belongs to, else a new one.
fn trace_of(span: &Span, headers: &HeaderMap, sources: &Sources) -> TraceParent {
    let given = headers.get("traceparent").and_then(|value| TraceParent::parse(value.to_str().ok()?));
    let place = TraceParent::of(span, given.as_ref());
    place.or(given).unwrap_or_else(|| TraceParent::new(sources.bytes(), sources.bytes()))
}

/// Methods are the client's to invent; labels must stay few.
fn label_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
