//! What stands around every page and around nothing else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use kit::Problem;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::cookie::CookieScheme;
use crate::policy::POLICIES;
use crate::problem_page;
use crate::reader::PageSettings;

/// Below this many bytes an answer is not worth compressing.
const SMALL: u64 = 1024;

/// Puts around `pages` what makes them safe to open with a cookie: nothing of another origin sends a form or reads an answer,
/// and errors are pages.
///
/// Forms hold no tokens that could expire: a browser names its origin (`Sec-Fetch-Site`, or `Origin` beside `Host`, which a
/// gateway has to pass on as they came), and what names none comes from no browser and has no cookie of one.
pub fn dress(pages: Router, settings: PageSettings) -> Router {
    let settings = Arc::new(settings);
    let worthwhile = DefaultPredicate::new().and(SizeAbove::new(SMALL));
    pages
        .layer(from_fn(refuse_foreign_reads))
        .layer(from_fn_with_state(Arc::clone(&settings), refuse_plain_origins))
        .layer(CsrfLayer::new().with_rejection_response(|_: ProtectionError| foreign().into_response()))
        .layer(from_fn_with_state(Arc::clone(&settings), problem_page::render))
        .layer(CompressionLayer::new().gzip(true).compress_when(worthwhile))
        .layer(from_fn(add_policies))
        .layer(Extension(settings))
}

/// A link of another site opens a page; its scripts, pictures and frames get nothing.
async fn refuse_foreign_reads(request: Request, next: Next) -> Response {
    if is_foreign_read(request.headers()) { foreign().into_response() } else { next.run(request).await }
}

/// `CsrfLayer` compares hosts alone. Where pages come by TLS, a page of our host without it was written by whoever is on the wire.
async fn refuse_plain_origins(State(settings): State<Arc<PageSettings>>, request: Request, next: Next) -> Response {
    let is_plain = request.headers().get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"http://"));
    if is_plain && settings.cookies == CookieScheme::Https {
        return foreign().into_response();
    }
    next.run(request).await
}

fn is_foreign_read(headers: &HeaderMap) -> bool {
    let says =
        |name: &str, values: &[&str]| headers.get(name).is_some_and(|value| values.iter().any(|known| value == known));
    says("sec-fetch-site", &["cross-site", "same-site"]) && !says("sec-fetch-mode", &["navigate"])
}

fn foreign() -> Problem {
    Problem::forbidden(
        "FOREIGN_ORIGIN",
        "Bu istek başka bir siteden geldi. Sayfayı buradan açıp yeniden deneyin.",
        "This request came from another site. Open the page here and try again.",
    )
}

/// Also on redirects and files: where a redirect leads is asked with the policy that it names.
async fn add_policies(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in POLICIES {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
