//! The user service: who our users are, beyond their accounts.
//!
//! Owns profiles, favourites and preferences. Hears of new users from auth, and lets them complete a profile. E-mail
//! addresses and passwords are auth's. Lets campaigns of restaurants reach those who follow them and have agreed; mails are
//! notification's.

mod actions;
mod api;
mod error;
mod events;
mod migrations;
mod model;
mod settings;
mod state;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;

use std::sync::Arc;

use kit::{Context, Service, Task};

pub use actions::{campaigns, import_first_platform};
pub use error::UserError;
pub use migrations::MIGRATIONS;
pub use model::{CampaignReason, CampaignState};
pub use settings::Settings;

use state::User;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: no setting here can be wrong. All services are built alike.
pub async fn build(context: Context, settings: Settings) -> anyhow::Result<Service> {
    tracing::info!("no registry of consent is connected: answers about commercial mail are kept, and reported nowhere");
    let user = User::new(context, settings);
    Ok(Service {
        name: "user",
        routes: api::routes(&user),
        pages: api::pages::pages(&user),
        consumers: vec![events::consumer(&user)],
        tasks: vec![expanding(&user), counting(&user), trimming(&user)],
        checks: Vec::new(),
    })
}

/// Goes on with campaigns.
fn expanding(user: &Arc<User>) -> Task {
    let worker = Arc::clone(user);
    Task::every(actions::EXPAND_INTERVAL, "campaigns", &user.context.sources, move || {
        let user = Arc::clone(&worker);
        async move { actions::expand_campaigns(&user).await }
    })
}

/// Counts how many campaigns of restaurants would reach.
fn counting(user: &Arc<User>) -> Task {
    let worker = Arc::clone(user);
    Task::every(actions::AUDIENCE_INTERVAL, "audiences", &user.context.sources, move || {
        let user = Arc::clone(&worker);
        async move { actions::count_audiences(&user).await }
    })
}

/// Forgets what keeps mails from nobody any more.
fn trimming(user: &Arc<User>) -> Task {
    let worker = Arc::clone(user);
    Task::every(actions::TRIM_INTERVAL, "user trim", &user.context.sources, move || {
        let user = Arc::clone(&worker);
        async move { actions::trim(&user).await }
    })
}
