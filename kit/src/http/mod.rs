//! What stands around every route: ids, traces, limits, headers, error bodies; and the loop that serves it.
//!
//! A service knows nothing of this. The app merges the services' routes and wraps them once, so that an answer of the
//! router itself (unknown path, wrong method) looks like any other.

mod arrival;
mod body_limit;
mod connection_slots;
mod cors;
mod description;
mod headers;
mod host;
mod observe;
mod parameters;
mod request_id;
mod serve;
mod stream;
mod timeout;

#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use clock::Sources;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::Guard;
use crate::client::StrangerLog;
use crate::{EventStreams, TrustedProxies, render_problems};

pub use connection_slots::ConnectionLimits;
pub use description::describe;
pub use serve::{QUEUE, serve};

/// What the layers around a router need.
pub struct Stack {
    /// Time and randomness for request ids and traces.
    pub sources: Sources,
    /// Checks access tokens for every route that asks for a caller.
    pub guard: Guard,
    /// What goes on being answered.
    pub streams: EventStreams,
    /// Whose word on the client's address and scheme counts.
    pub proxies: TrustedProxies,
    /// The origins whose pages may call us with credentials, exactly as browsers send them.
    pub origins: Vec<HeaderValue>,
    /// How long a request may take before it is answered with 503, or 408 where its body has not come.
    pub request_timeout: Duration,
}

/// Puts the whole stack around routes of an `api` and `pages`; nothing may be added to them afterwards. A path of neither is
/// the API's.
///
/// From the outside in: what is measured and logged is what the client gets; headers and CORS also stand on errors; errors
/// get their body in one place, also those of the limits below it. Pages have no CORS, and `dress` in the place of
/// [`render_problems`]: their errors are pages.
pub fn wrap(api: Router, pages: Router, dress: impl FnOnce(Router) -> Router, stack: Stack) -> Router {
    observe::describe();
    let strangers = StrangerLog::default();
    let pages = dress(limit(pages, &stack, &strangers));
    let api = limit(api, &stack, &strangers).layer(from_fn(render_problems)).layer(cors::layer(stack.origins));
    pages.merge(api).layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(stack.sources, observe::observe))
            .layer(from_fn_with_state(stack.proxies, headers::secure)),
    )
}

/// What no request may exceed, and what extractors ask for.
fn limit(router: Router, stack: &Stack, strangers: &StrangerLog) -> Router {
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn(host::require_host))
            .layer(CatchPanicLayer::custom(timeout::answer_panic))
            .layer(from_fn_with_state(stack.request_timeout, timeout::limit_time))
            .layer(from_fn(body_limit::limit_body))
            .layer(from_fn(parameters::check_parameters))
            .layer(Extension(stack.guard.clone()))
            .layer(Extension(stack.streams.clone()))
            .layer(Extension(stack.proxies.clone()))
            .layer(Extension(strangers.clone())),
    )
}
