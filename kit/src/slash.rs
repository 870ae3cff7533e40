//! Paths as clients of the first platform write them.

use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Adds `routes` under their paths and, undescribed, under the same with a slash at the end: the first platform took both, and
/// its clients make use of that. Made for `fold` over all routes of a service.
pub fn with_and_without_slash<S: Clone + Send + Sync + 'static>(
    router: OpenApiRouter<S>,
    routes: UtoipaMethodRouter<S>,
) -> OpenApiRouter<S> {
    let (_, paths, methods) = &routes;
    let slashed: Vec<_> = paths.paths.keys().map(|path| (format!("{path}/"), methods.clone())).collect();
    slashed.into_iter().fold(router.routes(routes), |router, (path, methods)| router.route(&path, methods))
}
