//! What the tests of this crate share: dressed pages, and requests as a browser sends them.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use kit::Pages;
use tower::ServiceExt;

use crate::cookie::CookieScheme;
use crate::reader::PageSettings;

/// What came back.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

pub(crate) fn settings() -> PageSettings {
    PageSettings { cookies: CookieScheme::Http, segments: vec!["giris", "gizlilik", "guvenlik", "liman", "yardim"] }
}

pub(crate) fn get(path: &str) -> Builder {
    Request::get(path).header("host", "liman.example")
}

/// Sends `request` without a body to `pages`.
pub(crate) async fn ask(pages: Pages, request: Builder) -> Response {
    send(pages, request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn send(pages: Pages, request: Request<Body>) -> Response {
    let response = crate::dress(pages.into_router(), settings()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Response { status: parts.status.as_u16(), headers: parts.headers, text }
}
