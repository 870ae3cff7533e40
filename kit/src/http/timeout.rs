//! Requests that would never be answered: those that take too long, also for a server that stops, and those that panic.

use std::any::Any;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use tokio_util::sync::CancellationToken;

use super::arrival::Arrival;
use crate::connection::Connection;
use crate::{Problem, Text};

/// Stands on each request: when the server can't wait for it any more.
#[derive(Clone)]
pub(super) struct GraceOver(pub(super) CancellationToken);

/// Real time, not the injected clock's: this is about a client that waits.
pub(super) async fn limit_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let grace_over = request.extensions().get().map_or_else(CancellationToken::new, |GraceOver(token)| token.clone());
    let connection = request.extensions().get::<Connection>().cloned().unwrap_or_default();
    let arrival = Arrival::default();
    let request = request.map(|body| arrival.follow(body));
    let response = tokio::time::timeout(limit, next.run(request));
    match connection.given_up().run_until_cancelled(grace_over.run_until_cancelled(response)).await {
        Some(Some(Ok(response))) => return response,
        Some(Some(Err(_))) if arrival.is_awaited() => return too_slow().into_response(),
        None => return too_slow().into_response(),
        Some(Some(Err(_))) => tracing::error!(?limit, "a request was given up: it took too long"),
        Some(None) => tracing::warn!("a request was given up: it took longer than a server that stops can wait"),
    }
    Problem::unavailable().into_response()
}

fn too_slow() -> Problem {
    let text = Text::new("İstek gövdesi zamanında gelmedi.", "The request body did not come in time.");
    Problem::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", text)
}

/// The handler of a request panicked.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

pub(super) fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|panic| panic.downcast::<&'static str>().map(|text| (*text).to_owned()));
    let panicked = Panicked(text.unwrap_or_else(|_| "no message".to_owned()));
    Problem::unexpected(&panicked).into_response()
}
