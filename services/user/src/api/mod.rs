//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod campaigns;
mod favorites;
pub(crate) mod pages;
mod preferences;
mod profile;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use kit::{HealthRoute, with_and_without_slash};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::User;

/// All routes of the service.
pub(crate) fn routes(user: &Arc<User>) -> OpenApiRouter {
    [
        HealthRoute::new("user", "/users/health").of_database(&user.context),
        routes!(profile::find_profile, profile::update_profile),
        routes!(profile::complete_registration),
        routes!(preferences::find_preferences, preferences::update_preferences),
        routes!(favorites::list_favorites),
        routes!(favorites::list_favorite_restaurants),
        routes!(favorites::list_favorite_cuisines),
        routes!(favorites::add_favorite_restaurant),
        routes!(favorites::add_favorite_cuisine),
        routes!(favorites::remove_favorite_restaurant),
        routes!(favorites::remove_favorite_cuisine),
        routes!(campaigns::list_campaigns),
        routes!(campaigns::find_campaign),
        routes!(campaigns::pause_campaign),
        routes!(campaigns::resume_campaign),
        routes!(campaigns::cancel_campaign),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), with_and_without_slash)
    .with_state(user.clone())
}
