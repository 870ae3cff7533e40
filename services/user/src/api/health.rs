//! The service's own health.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use kit::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions;
use crate::state::User;

/// The service answers.
#[derive(Serialize, ToSchema)]
#[schema(as = UserHealth)]
pub(super) struct Health {
    /// `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the service can answer.
#[utoipa::path(
    get,
    path = "/users/health",
    operation_id = "user_health",
    tag = "user",
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 503, description = "Its database is away"),
    )
)]
pub(super) async fn check_health(State(user): State<Arc<User>>) -> Result<Answer<Health>, Problem> {
    actions::check_health(&user).await?;
    Ok(Answer(Health { status: "ok" }))
}
