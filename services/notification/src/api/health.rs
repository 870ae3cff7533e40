//! The service's own health.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use kit::{LocalRequest, Problem, Status};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions;
use crate::state::Notification;

/// The state of the service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationHealth)]
pub(super) struct Health {
    /// `OK`, or `DEGRADED` while mails wait for their server.
    #[schema(example = "OK")]
    message: &'static str,
    /// Why it is degraded; it may name the mail server, so only this machine is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Tells how the service is: 200 also while the mail server is away, because mails wait then and nothing is lost.
#[utoipa::path(
    get,
    path = "/notification/health",
    operation_id = "notification_health",
    tag = "notification",
    responses(
        (status = 200, description = "Mails are accepted", body = Health),
        (status = 503, description = "The database is away"),
    )
)]
pub(super) async fn check_health(
    State(notification): State<Arc<Notification>>,
    local_request: Option<LocalRequest>,
) -> Result<Answer<Health>, Problem> {
    let health = match actions::check_health(&notification).await? {
        Status::Up => Health { message: "OK", reason: None },
        Status::Noted(reason) => Health { message: "OK", reason: Some(reason) },
        Status::Degraded(reason) | Status::Down(reason) => Health { message: "DEGRADED", reason: Some(reason) },
    };
    let reason = health.reason.filter(|_| local_request.is_some());
    Ok(Answer(Health { reason, ..health }))
}
