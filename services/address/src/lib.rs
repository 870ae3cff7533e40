//! The address service: where users live and where restaurants are.
//!
//! Owns addresses, and records each change of one for other services; hears nothing. A home is read by its owner alone; an address
//! of a restaurant by everybody.

mod actions;
mod api;
mod error;
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

pub use actions::{DemoAddress, import_first_platform, seed};
pub use migrations::MIGRATIONS;

use state::Addresses;

/// How soon other services hear of what was imported.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How soon what a writer left cached is forgotten, where it died or could not reach the store.
const FORGET_INTERVAL: Duration = Duration::from_millis(500);

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    let addresses = Addresses::new(context);
    Ok(Service {
        name: "address",
        routes: api::routes(&addresses),
        pages: api::pages::pages(&addresses),
        consumers: Vec::new(),
        tasks: vec![recording(&addresses.context), forgetting(&addresses)],
        checks: Vec::new(),
    })
}

/// Records events of what was imported, here or by a command beside this process.
fn recording(context: &Context) -> Task {
    let database = context.database.clone();
    Task::every(POLL_INTERVAL, "record imported addresses", &context.sources, move || {
        let database = database.clone();
        async move { actions::record_imported(&database).await }
    })
}

/// Forgets what is cached of addresses that have changed.
fn forgetting(addresses: &Arc<Addresses>) -> Task {
    let of_task = Arc::clone(addresses);
    Task::every(FORGET_INTERVAL, "forget stale addresses", &addresses.context.sources, move || {
        let addresses = Arc::clone(&of_task);
        async move { actions::cached::forget_stale(&addresses).await }
    })
}
