//! Builds the chosen services, each behind its front door.

use database::{Database, Migrations};
use kit::access::Guard;
use kit::{Context, Service};

use crate::error::Result;
use crate::settings::{ServiceName, Services, Settings};

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

/// The tables of the bus and of `services`, and that of the requests which may come again.
pub(super) fn schemas(services: &Services) -> Vec<Migrations> {
    [database::idempotency::MIGRATIONS, bus::MIGRATIONS].into_iter().chain(services.iter().map(migrations)).collect()
}

fn migrations(service: ServiceName) -> Migrations {
    match service {
        ServiceName::Auth => auth::MIGRATIONS,
        ServiceName::User => user::MIGRATIONS,
        ServiceName::Notification => notification::MIGRATIONS,
    }
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
    let mail = settings.mail.reached_at(public_url);
    let mut built = Vec::new();
    for service in settings.services.iter() {
        built.push(match service {
            ServiceName::Auth => auth::build(context.clone(), guard.clone(), settings.identity.clone()).await?,
            ServiceName::User => user::build(context.clone()).await?,
            ServiceName::Notification => notification::build(context.clone(), mail.clone()).await?,
        });
    }
    Ok(built)
}
