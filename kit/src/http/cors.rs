//! Which other origins' pages may call us, as the gateway of the first platform answered for every service.

use std::time::Duration;

use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH,
    IF_NONE_MATCH, LINK, ORIGIN, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, Method};
use tower_http::cors::CorsLayer;

use super::request_id::X_REQUEST_ID;

const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Cookies may come along, so origins are compared exactly and never `*`.
pub(super) fn layer(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH])
        .allow_headers([
            CONTENT_TYPE,
            AUTHORIZATION,
            HeaderName::from_static("x-requested-with"),
            ACCEPT,
            ACCEPT_LANGUAGE,
            ORIGIN,
            CACHE_CONTROL,
            PRAGMA,
            IF_MATCH,
            IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
            X_REQUEST_ID,
        ])
        .expose_headers([
            CONTENT_TYPE,
            CONTENT_LENGTH,
            AUTHORIZATION,
            ETAG,
            LINK,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            HeaderName::from_static("idempotent-replayed"),
            X_REQUEST_ID,
        ])
        .max_age(ONE_DAY)
}
