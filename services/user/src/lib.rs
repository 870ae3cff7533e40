//! The user service: who our users are, beyond their accounts.
//!
//! Owns profiles, favourites and preferences. Hears `UserCreated`, which auth tells when a mailbox is proven, and lets the
//! new user complete a profile. Says nothing yet. E-mail addresses and passwords are auth's.

mod actions;
mod api;
mod error;
mod events;
mod migrations;
mod model;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;

use kit::{Context, Service};

pub use actions::import_first_platform;
pub use migrations::MIGRATIONS;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    let consumers = vec![events::consumer(&context)];
    Ok(Service {
        name: "user",
        routes: api::routes().with_state(context),
        consumers,
        tasks: Vec::new(),
        checks: Vec::new(),
    })
}
