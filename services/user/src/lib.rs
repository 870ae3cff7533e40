//! The user service: who our users are, beyond their accounts.
//!
//! Owns profiles, favourites and preferences. Hears of new users from auth, and lets them complete a profile. E-mail
//! addresses and passwords are auth's.

mod actions;
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

pub use actions::import_first_platform;
pub use migrations::MIGRATIONS;

use state::User;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: nothing here depends on a setting. All services are built alike.
pub async fn build(context: Context) -> anyhow::Result<Service> {
    let user = User::new(context);
    Ok(Service {
        name: "user",
        routes: api::routes(&user),
        consumers: vec![events::consumer(&user)],
        tasks: Vec::new(),
        checks: Vec::new(),
    })
}
