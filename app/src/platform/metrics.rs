//! What the process counted, for Prometheus.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contracts::Secret;
use kit::{LocalRequest, Problem, Text};
use metrics_exporter_prometheus::PrometheusHandle;

/// The counts, and who may read them.
#[derive(Clone)]
pub(super) struct Metrics {
    pub(super) handle: PrometheusHandle,
    pub(super) token: Option<Arc<Secret>>,
}

/// Shows what the process counted, to this machine or to whoever has the token.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    responses(
        (status = 200, description = "Counts in the text format of Prometheus", content_type = "text/plain"),
        (status = 403, description = "Another machine, without the token"),
    )
)]
pub(super) async fn metrics(_reader: Reader, State(metrics): State<Metrics>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.handle.render()).into_response()
}

/// Somebody who may read the counts.
pub(super) struct Reader;

impl FromRequestParts<Metrics> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, metrics: &Metrics) -> Result<Self, Problem> {
        let Ok(local_request) = Option::<LocalRequest>::from_request_parts(parts, metrics).await;
        if local_request.is_some() || has_token(&parts.headers, metrics.token.as_deref()) {
            return Ok(Self);
        }
        let text = Text::new("Ölçümleri yalnızca bu makine okuyabilir.", "Only this machine may read the metrics.");
        Err(Problem::new(StatusCode::FORBIDDEN, "FORBIDDEN", text))
    }
}

/// Whether `headers` carry `token` as the bearer's.
pub(super) fn has_token(headers: &HeaderMap, token: Option<&Secret>) -> bool {
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let (Some(sent), Some(token)) = (sent, token) else { return false };
    aws_lc_rs::constant_time::verify_slices_are_equal(sent.as_bytes(), token.expose().as_bytes()).is_ok()
}
