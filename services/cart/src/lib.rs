//! The cart service: what diners have chosen and not ordered yet.
//!
//! Owns carts. Keeps a copy of what restaurants offer, as their service publishes it, so that a cart knows what its lines cost
//! and which of them can still be had; and where users get mail. It asks no other service anything.

mod actions;
mod anonymous;
mod api;
mod error;
mod events;
mod migrations;
mod model;
mod state;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;

use kit::{Context, Service};

pub use actions::{import_first_platform, seed};
pub use migrations::MIGRATIONS;

use state::Carts;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    let carts = Carts::new(context);
    Ok(Service {
        name: "cart",
        routes: api::routes(&carts),
        consumers: vec![events::consumer(&carts)],
        tasks: Vec::new(),
        checks: Vec::new(),
    })
}
