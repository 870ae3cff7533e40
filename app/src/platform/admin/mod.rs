//! What the operator sees and does over HTTP: the same as on the command line, for admins, on this process's database.
//!
//! What was given up in another process's database is shown by that process. Each route asks for a current [`kit::Admin`]:
//! while revocations are not known it answers 503.

mod choice;
mod dead_letters;
mod topics;

#[cfg(test)]
mod tests;

use bus::Bus;
use database::Database;
use kit::{Pages, Service};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of the platform's own part that admins use.
pub(super) fn build(database: Database, bus: Bus) -> Service {
    let letters = OpenApiRouter::new()
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::show))
        .routes(routes!(dead_letters::replay))
        .routes(routes!(dead_letters::discard))
        .routes(routes!(dead_letters::replay_many))
        .routes(routes!(dead_letters::discard_many))
        .with_state(database);
    let topics = OpenApiRouter::new().routes(routes!(topics::list)).with_state(bus);
    Service {
        name: "admin",
        routes: letters.merge(topics),
        pages: Pages::new(),
        consumers: Vec::new(),
        tasks: Vec::new(),
        checks: Vec::new(),
    }
}
