//! Whether mails are accepted, and leave: without their server they wait, and nothing is lost.

use std::sync::Arc;

use kit::{Health, HealthRoute, Status};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::state::{Destination, Notification};

/// The state of the service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationHealth)]
struct HealthBody {
    /// `OK`, or `DEGRADED` while mails wait for their server.
    #[schema(example = "OK")]
    message: &'static str,
    /// Why it is degraded; it may name the mail server, so only this machine is shown it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) fn route(notification: &Arc<Notification>) -> UtoipaMethodRouter<Arc<Notification>> {
    let route = HealthRoute {
        summary: "Tells how the service is: 200 also while the mail server is away, because mails wait then and nothing is lost.",
        up: "Mails are accepted",
        down: "The database is away",
        ..HealthRoute::new("notification", "/notification/health")
    };
    let checked = Arc::clone(notification);
    let check = move || {
        let status = match &checked.destination {
            Destination::Server(server) => server.status(),
            Destination::Mailbox => Status::Up,
        };
        async move { Ok(status) }
    };
    route.of::<HealthBody, _, _>(&notification.context, check)
}

impl From<Health> for HealthBody {
    fn from(Health { is_degraded, reason }: Health) -> Self {
        Self { message: if is_degraded { "DEGRADED" } else { "OK" }, reason }
    }
}
