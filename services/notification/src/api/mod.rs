//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod counts;
mod health;
mod mailbox;
mod send;
mod types;
mod unsubscribe;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::{Destination, Notification};

/// All routes; those of the mailbox only where mails end in it.
pub(crate) fn routes(notification: &Arc<Notification>) -> OpenApiRouter {
    let mut router = OpenApiRouter::new()
        .routes(health::route(notification))
        .routes(routes!(types::list_types))
        .routes(routes!(send::request_mail))
        .routes(routes!(counts::count_mails))
        .routes(routes!(unsubscribe::show_unsubscribe, unsubscribe::unsubscribe));
    if matches!(notification.destination, Destination::Mailbox) {
        router = router
            .routes(routes!(mailbox::show_mailbox))
            .routes(routes!(mailbox::list_messages))
            .routes(routes!(mailbox::show_message))
            .routes(routes!(mailbox::show_letter));
    }
    router.with_state(notification.clone())
}
