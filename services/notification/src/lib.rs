//! Mails: an event becomes a message, and the message reaches its mailbox.
//!
//! Owns the tables `notification_…`. Hears of every mail that is due, also of one that an admin asks for by hand. A mail is a
//! row in the transaction of its event; senders try the row, a commercial one last, until the server has it, refuses it for good, or
//! two days are over. Beside the modules of every service it has `smtp`, the way to the mail server, and `sender`, the pool that
//! works with it.

mod actions;
mod api;
mod error;
mod events;
mod metrics;
mod migrations;
mod model;
mod sender;
mod settings;
mod smtp;
mod state;
mod store;

#[cfg(test)]
mod fixture;

use kit::{Check, Context, Pages, Service};

pub use actions::{MailExamination, MailTestFailed, examine_mail, test_mail};
pub use migrations::MIGRATIONS;
pub use model::{DkimKey, InvalidDkimKey, Links, SenderIdentity};
pub use settings::{InvalidSettings, Settings, Smtp, Tls, Transport};

use smtp::ServerCheck;
use state::{Destination, Notification};

/// Builds the service; its tables must be up to date.
///
/// # Errors
/// A setting can't work: the reason is an [`InvalidSettings`].
pub async fn build(context: Context, settings: Settings) -> anyhow::Result<Service> {
    metrics::describe();
    let notification = Notification::new(context, &settings)?;
    let mut checks: Vec<Box<dyn Check>> = Vec::new();
    if let Destination::Server(server) = &notification.destination {
        checks.push(Box::new(ServerCheck(server.clone())));
    }
    Ok(Service {
        name: "notification",
        routes: api::routes(&notification),
        pages: Pages::new(),
        consumers: vec![events::consumer(&notification)],
        tasks: sender::tasks(&notification),
        checks,
    })
}
