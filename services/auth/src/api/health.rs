//! Whether the service can work.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use kit::Problem;

use super::body::MessageBody;
use crate::actions;
use crate::state::Auth;

/// Asks the database and the ephemeral store.
#[utoipa::path(
    get,
    path = "/auth/health",
    tag = "auth",
    responses(
        (status = 200, description = "Everything that it needs answers", body = MessageBody),
        (status = 503, description = "Something that it needs is away"),
    )
)]
pub(super) async fn check_health(State(auth): State<Arc<Auth>>) -> Result<Answer<MessageBody>, Problem> {
    actions::check_health(&auth).await?;
    Ok(Answer(MessageBody::new("OK")))
}
