//! HTTP: takes requests apart, calls one action each, wraps the answers.

mod favorites;
mod health;
mod owner;
mod preferences;
mod profile;

#[cfg(test)]
mod tests;

use kit::Context;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

/// All routes of the service.
pub(crate) fn routes() -> OpenApiRouter<Context> {
    [
        routes!(health::check_health),
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
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), with_and_without_slash)
}

/// The first platform took each path with a slash at its end as well, and its clients make use of that.
fn with_and_without_slash(
    router: OpenApiRouter<Context>,
    routes: UtoipaMethodRouter<Context>,
) -> OpenApiRouter<Context> {
    let (_, paths, methods) = &routes;
    let slashed: Vec<_> = paths.paths.keys().map(|path| (format!("{path}/"), methods.clone())).collect();
    slashed.into_iter().fold(router.routes(routes), |router, (path, methods)| router.route(&path, methods))
}
