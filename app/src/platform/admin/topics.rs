//! What waits on each topic, and how far each consumer is.

use axum::Json;
use axum::extract::State;
use bus::{Bus, TopicStatus};
use kit::{Admin, Problem};

/// Every topic that holds events or is read here.
#[utoipa::path(
    get,
    path = "/admin/topics",
    operation_id = "list_topics",
    tag = "admin",
    security(("bearer" = ["admin"])),
    responses(
        (status = 200, description = "All topics, by name", body = Vec<TopicStatus>),
    )
)]
pub(super) async fn list(State(bus): State<Bus>, _: Admin) -> Result<Json<Vec<TopicStatus>>, Problem> {
    Ok(Json(bus.status().await?.topics))
}
