//! The restaurant service: restaurants, where they are, when they are open and what they cook.
//!
//! Owns restaurants and their menus, keeps a copy of their addresses, and records each change of a restaurant for other services. A restaurant
//! is a draft, which its owner alone sees, until its address is known here.

mod actions;
mod api;
mod error;
mod events;
mod migrations;
mod model;
mod state;
mod store;

#[cfg(test)]
mod fixture;

use kit::{Context, Service};

pub use migrations::MIGRATIONS;

use state::Restaurants;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    let restaurants = Restaurants::new(context);
    Ok(Service {
        name: "restaurant",
        routes: api::routes(&restaurants),
        consumers: vec![events::consumer()],
        tasks: Vec::new(),
        checks: Vec::new(),
    })
}
