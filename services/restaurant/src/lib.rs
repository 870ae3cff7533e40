//! The restaurant service: restaurants, where they are, when they are open, what they cook and what they promise.
//!
//! Owns restaurants and their menus, keeps a copy of their addresses, and records each change of a restaurant for other services. A
//! restaurant is a draft, which its owner alone sees, until its address is known here. Beside the modules of every service it has
//! `index`, by which restaurants are found, and `metrics`, what it counts.

mod actions;
mod api;
mod error;
mod events;
mod index;
mod metrics;
mod migrations;
mod model;
mod state;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;

use std::sync::Arc;
use std::time::Duration;

use kit::{Context, Service, Task};

pub use actions::{DemoManagers, DemoPlace, DemoTown, demo_cart, demo_restaurants, import_first_platform, publish_all};
pub use migrations::MIGRATIONS;

use index::IndexCheck;
use state::Restaurants;

/// How soon other services hear of what was imported.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How soon a meal is shown with what it was found by, which the release before has written.
const NAMING_INTERVAL: Duration = Duration::from_secs(60);

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    metrics::describe();
    let restaurants = Restaurants::new(context);
    Ok(Service {
        name: "restaurant",
        routes: api::routes(&restaurants),
        pages: api::pages::pages(&restaurants),
        consumers: vec![events::consumer()],
        tasks: vec![
            recording(&restaurants.context),
            naming(&restaurants.context),
            announcing(&restaurants.context),
            trimming(&restaurants.context),
            index::task(&restaurants.index),
        ],
        checks: vec![Box::new(IndexCheck(Arc::clone(&restaurants.index)))],
    })
}

/// Forgets what nobody needs any more.
fn trimming(context: &Context) -> Task {
    let database = context.database.clone();
    Task::every(actions::trim::INTERVAL, "restaurant trim", &context.sources, move || {
        let database = database.clone();
        async move { actions::trim::trim(&database).await }
    })
}

/// Records events of what was imported, here or by a command beside this process.
fn recording(context: &Context) -> Task {
    let database = context.database.clone();
    Task::every(POLL_INTERVAL, "record imported restaurants", &context.sources, move || {
        let database = database.clone();
        async move { actions::record_imported(&database).await }
    })
}

/// Announces campaigns as they begin, here or in another process.
fn announcing(context: &Context) -> Task {
    let database = context.database.clone();
    Task::every(actions::announcements::ANNOUNCE_INTERVAL, "announce campaigns", &context.sources, move || {
        let database = database.clone();
        async move { actions::announcements::announce_due(&database).await }
    })
}

/// Adds what the release before leaves out of meals.
fn naming(context: &Context) -> Task {
    let database = context.database.clone();
    Task::every(NAMING_INTERVAL, "add names for searches", &context.sources, move || {
        let database = database.clone();
        async move { actions::add_search_names(&database).await }
    })
}
