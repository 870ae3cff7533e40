//! Who somebody is: registration, sign-in, sessions, and the tokens that every service checks.
//!
//! Owns accounts, sessions, used tokens, security events and signing keys. Records an event when a mailbox is proven and when a
//! mail is due; hears nothing. Profiles and everything else that users give of themselves are user's.

mod actions;
mod api;
mod error;
mod migrations;
mod model;
mod settings;
mod state;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kit::access::Guard;
use kit::{Context, Service, Task};
use tokio::time::{Instant, sleep_until};

use actions::keys::PublishedKeys;
use model::hashing;
use state::Auth;

pub use actions::seed::seed;
pub use actions::{admin, import_first_platform, keys};
pub use error::AuthError;
pub use migrations::MIGRATIONS;
pub use settings::Settings;

/// How soon a command beside the running platform has its effect.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How long after a request its mail is looked into.
const MAIL_REQUEST_DELAY: Duration = Duration::from_millis(50);

/// How long what is to be published may hold up the start; nobody is answered before it is, where that matters.
const FIRST_ROUND_TIMEOUT: Duration = Duration::from_secs(2);

/// Builds the service on `context`; its tables must be up to date. What an earlier process committed and never published is
/// published before this returns, as far as the ephemeral store answers in time.
///
/// # Errors
/// The database is away, a signing key can't be opened, or the system has no threads for hashing.
pub async fn build(context: Context, guard: Guard, settings: Settings) -> anyhow::Result<Service> {
    hashing::describe_measures();
    guard.expect_feed();
    // A demonstration that starts again signs nobody out, as no start does.
    if !settings.is_demo {
        actions::seed::withdraw(&context.database).await?;
    }
    let auth = Auth::new(context, guard, settings).await?;
    let first_round = async {
        keys::follow(&auth).await?;
        actions::sweep::sweep(&auth).await
    };
    tokio::select! {
        done = first_round => {
            if let Err(error) = done {
                tracing::warn!(%error, "keys and ended sessions can't be published yet");
            }
        }
        () = auth.context.sources.sleep(FIRST_ROUND_TIMEOUT) => {
            tracing::warn!("ended sessions are still being published; the sweep goes on with them");
        }
    }
    Ok(Service {
        name: "auth",
        routes: api::routes(&auth),
        pages: api::pages::pages(&auth),
        consumers: Vec::new(),
        checks: vec![Box::new(PublishedKeys(Arc::clone(&auth)))],
        tasks: tasks(&auth),
    })
}

fn tasks(auth: &Arc<Auth>) -> Vec<Task> {
    let record_copied = |auth: Arc<Auth>| async move { actions::record_copied(&auth.context.database).await };
    let sweep = |auth: Arc<Auth>| async move { actions::sweep::sweep(&auth).await };
    let poll_roles = |auth: Arc<Auth>| async move { actions::role_version::poll(&auth).await };
    let follow_keys = |auth: Arc<Auth>| async move { keys::follow(&auth).await };
    let trim = |auth: Arc<Auth>| async move { Ok(actions::trim::trim(&auth.context.database).await?) };
    vec![
        answer_mail_requests(auth),
        every(POLL_INTERVAL, "auth sweep", auth, sweep),
        every(POLL_INTERVAL, "auth copied accounts", auth, record_copied),
        every(POLL_INTERVAL, "auth roles", auth, poll_roles),
        every(POLL_INTERVAL, "auth keys", auth, follow_keys),
        every(actions::trim::INTERVAL, "auth trim", auth, trim),
    ]
}

/// Soon after each request, but not beside its answer: what it costs must not be felt there. What another process left is
/// found by the poll.
fn answer_mail_requests(auth: &Arc<Auth>) -> Task {
    let (sources, requested) = (auth.context.sources.clone(), Arc::clone(&auth.mail_requested));
    let pause = move || {
        let (sources, requested) = (sources.clone(), Arc::clone(&requested));
        async move {
            tokio::select! {
                // By the clock that nobody sets: no test has to let so little time pass.
                () = requested.notified() => sleep_until(Instant::now() + MAIL_REQUEST_DELAY).await,
                () = sources.sleep(POLL_INTERVAL) => (),
            }
        }
    };
    let worker = Arc::clone(auth);
    let answer = move || {
        let auth = Arc::clone(&worker);
        async move { actions::answer_mail_requests::answer_mail_requests(&auth).await }
    };
    Task::repeat("auth mail requests", pause, answer)
}

/// A task that does `work` again and again, with `interval` in between.
fn every<F>(interval: Duration, name: &'static str, auth: &Arc<Auth>, work: fn(Arc<Auth>) -> F) -> Task
where
    F: Future<Output = Result<(), AuthError>> + Send + 'static,
{
    let worker = Arc::clone(auth);
    Task::every(interval, name, &auth.context.sources, move || work(Arc::clone(&worker)))
}
