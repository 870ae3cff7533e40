//! Builds the chosen services, each behind its front door.

use std::collections::BTreeSet;

use anyhow::ensure;
use database::{Database, Migrations};
use kit::access::Guard;
use kit::{Context, Service};

use crate::error::Result;
use crate::services::{Facts, Parts, Services};
use crate::settings::Settings;

/// Brings the tables of the bus and of `services` up to date.
///
/// # Errors
/// The database is away, or its schema is a newer one.
pub async fn migrate(database: &Database, services: &Services) -> Result<()> {
    for schema in schemas(services) {
        database.migrate(schema).await?;
    }
    Ok(())
}

/// The tables of the bus and of `services`, and those that services share.
pub(super) fn schemas(services: &Services) -> Vec<Migrations> {
    let own = services.iter().map(|service| service.facts().migrations);
    let shared = [database::idempotency::MIGRATIONS, database::daily_write::MIGRATIONS, bus::MIGRATIONS];
    shared.into_iter().chain(own).collect()
}

/// The chosen services on `context`, on a platform that browsers reach at `public_url`.
pub(super) async fn build(
    settings: &Settings,
    context: &Context,
    guard: &Guard,
    public_url: String,
) -> Result<Vec<Service>> {
    if settings.mails_lead_nowhere() {
        tracing::warn!(public_url, "PUBLIC_URL is not set: links in mails lead to the reader's own machine");
    }
    let parts = Parts {
        context: context.clone(),
        guard: guard.clone(),
        identity: settings.identity.clone(),
        mail: settings.mail.reached_at(public_url),
        user: settings.user,
        cart: settings.cart(),
    };
    let mut built = Vec::new();
    for name in settings.services.iter() {
        let facts = name.facts();
        let service = (facts.build)(parts.clone()).await?;
        hold_to(facts, &service)?;
        built.push(service);
    }
    Ok(built)
}

fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// Refuses a service that is not what the table of services says.
fn hold_to(facts: &Facts, service: &Service) -> anyhow::Result<()> {
    let Facts { name, hears, pages, .. } = facts;
    ensure!(service.name == *name, "{} is called {name} in the table of services", service.name);
    let consumers = service.consumers.len();
    ensure!(*hears == (consumers > 0), "{name} has {consumers} consumers; in the table of services, hears is {hears}");
    let routed: BTreeSet<&str> = service.pages.paths().iter().map(|path| first_segment(path)).collect();
    let listed: BTreeSet<&str> = pages.iter().copied().collect();
    ensure!(routed == listed, "{name} has pages at {routed:?}; in the table of services they are {listed:?}");
    Ok(())
}
