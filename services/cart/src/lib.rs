//! The cart service: what diners have chosen and not ordered yet.
//!
//! Owns carts. Keeps a copy of what restaurants offer, as their service publishes it, so that a cart knows what its lines cost
//! and which of them can still be had; and where users get mail. It asks no other service anything.

mod actions;
mod anonymous;
mod api;
mod error;
mod events;
mod live;
mod metrics;
mod migrations;
mod model;
mod sandbox;
mod settings;
mod state;
mod store;

#[cfg(test)]
mod first_platform_tests;
#[cfg(test)]
mod fixture;

use std::sync::Arc;

use contracts::RestaurantId;
use kit::{Context, Service, Task};

pub use actions::{import_first_platform, seed};
pub use migrations::MIGRATIONS;
pub use settings::Settings;

use actions::live as live_orders;
use state::Carts;

/// Builds the service on `context`; its tables must be up to date.
///
/// # Errors
/// None so far: no setting here can be wrong. All services are built alike.
pub async fn build(context: Context, settings: Settings) -> anyhow::Result<Service> {
    metrics::describe();
    let carts = Carts::new(context);
    let mut tasks = vec![
        finishing(&carts),
        trimming(&carts),
        stepping(&carts),
        expiring(&carts),
        moving_money(&carts),
        catching_up(&carts),
    ];
    tasks.extend(showing(&carts));
    tasks.extend(cooking(&carts, settings));
    Ok(Service {
        name: "cart",
        routes: api::routes(&carts),
        pages: api::pages::pages(&carts),
        consumers: vec![events::consumer(&carts)],
        tasks,
        checks: Vec::new(),
    })
}

/// Finishes merges that a process left behind that died or could not reach the store.
fn finishing(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::merge::FINISH_INTERVAL, "finish merges", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::merge::finish_merges(&carts).await }
    })
}

/// Moves orders whose time has come.
fn stepping(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::DUE_INTERVAL, "orders due", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::step_due(&carts).await }
    })
}

/// Ends orders that have waited for a card for too long.
fn expiring(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::DUE_INTERVAL, "orders unpaid", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::expire_unpaid(&carts).await }
    })
}

/// Goes on with movements of money whose process died, or whose provider did not answer.
fn moving_money(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::MOVEMENT_INTERVAL, "movements of money", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::go_on_with_movements(&carts).await }
    })
}

/// Shows orders to those who watch them: as they change here, as other processes report it, and what was missed.
fn showing(carts: &Arc<Carts>) -> [Task; 4] {
    let own = || Arc::clone(carts);
    let (here, elsewhere, publisher, searcher) = (own(), own(), own(), own());
    let (changed_here, to_publish) = (live_orders::reports(carts), live_orders::reports(carts));
    [
        Task::new("orders changed here", move |stop| {
            live_orders::hand_on_reports(here, api::render, changed_here, stop)
        }),
        Task::new("orders changed elsewhere", move |stop| live_orders::follow_feed(elsewhere, api::render, stop)),
        Task::new("feed of orders", move |stop| live_orders::publish_reports(publisher, to_publish, stop)),
        Task::every(live_orders::SEARCH_INTERVAL, "search for changed orders", &carts.context.sources, move || {
            let carts = Arc::clone(&searcher);
            async move { live_orders::search_changes(&carts, api::render).await }
        }),
    ]
}

/// Lets the kitchens of a demo cook; `None` where there are none.
fn cooking(carts: &Arc<Carts>, Settings { demo_kitchens }: Settings) -> Option<Task> {
    if demo_kitchens.is_empty() {
        return None;
    }
    let (worker, restaurants) = (Arc::clone(carts), Arc::<[RestaurantId]>::from(demo_kitchens));
    Some(Task::every(actions::KITCHEN_INTERVAL, "demo kitchens", &carts.context.sources, move || {
        let (carts, restaurants) = (Arc::clone(&worker), Arc::clone(&restaurants));
        async move { actions::work_kitchens(&carts, &restaurants).await }
    }))
}

/// Lets the sandbox do what it does late.
fn catching_up(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::MOVEMENT_INTERVAL, "late payments", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::payments::hear_late_notices(&carts).await }
    })
}

/// Forgets merges that nobody asks for any more, slots that are over, and notices that nobody sends again.
fn trimming(carts: &Arc<Carts>) -> Task {
    let worker = Arc::clone(carts);
    Task::every(actions::TRIM_INTERVAL, "cart trim", &carts.context.sources, move || {
        let carts = Arc::clone(&worker);
        async move { actions::trim(&carts).await }
    })
}
