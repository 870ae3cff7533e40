//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod addresses;
mod asked;
mod body;
pub(crate) mod pages;
mod places;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use kit::{HealthRoute, with_and_without_slash};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::Addresses;

/// All routes of the service.
pub(crate) fn routes(addresses: &Arc<Addresses>) -> OpenApiRouter {
    [
        HealthRoute::new("address", "/addresses/health").of_database(&addresses.context),
        routes!(addresses::list_addresses, addresses::create_address),
        routes!(places::suggest_places),
        routes!(addresses::find_address, addresses::update_address, addresses::delete_address),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), with_and_without_slash)
    .with_state(addresses.clone())
}
