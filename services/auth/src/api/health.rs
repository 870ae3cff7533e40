//! Whether auth can do its work: its database takes writes and the ephemeral store answers.

use std::sync::Arc;

use kit::access::JWKS_KEY;
use kit::{Health, HealthRoute, Status};
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;

use super::body::MessageBody;
use crate::state::Auth;

pub(super) fn route(auth: &Arc<Auth>) -> UtoipaMethodRouter<Arc<Auth>> {
    let store = Arc::clone(&auth.context.ephemeral);
    let check = move || {
        let store = Arc::clone(&store);
        async move {
            store.get(JWKS_KEY).await?;
            Ok(Status::Up)
        }
    };
    let route = HealthRoute {
        operation_id: "check_health".to_owned(),
        schema: MessageBody::name().into_owned(),
        summary: "Asks the database and the ephemeral store.",
        up: "Everything that it needs answers",
        down: "Something that it needs is away",
        ..HealthRoute::new("auth", "/auth/health")
    };
    route.of::<MessageBody, _, _>(&auth.context, check)
}

impl From<Health> for MessageBody {
    fn from(_: Health) -> Self {
        Self::new("OK")
    }
}
