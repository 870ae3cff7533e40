//! The routes that a service has, to hold a table of them against.

use serde::Serialize;

/// Method and path of each route of an OpenAPI `description`, sorted.
///
/// # Panics
/// It has no paths.
#[must_use]
pub fn routes_of(description: &impl Serialize) -> Vec<(String, String)> {
    let description = serde_json::to_value(description).unwrap();
    let paths = description["paths"].as_object().unwrap().iter();
    let mut routes: Vec<_> = paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    routes.sort();
    routes
}
