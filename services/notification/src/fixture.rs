//! What the tests of this service stand on.

mod events;
mod settings;

use std::sync::Arc;

use contracts::{EmailEvent, MailMessage};
use kit::testing::{Engine, RunningTasks, TestPorts};

use crate::settings::{Settings, Transport};
use crate::state::Notification;
use crate::store::mail::{Mail, State};
use crate::{MIGRATIONS, sender, store};

pub(crate) use events::{deliver, discount, event, event_to, offering, order_update, verification};
pub(crate) use kit::testing::TIMEOUT;
pub(crate) use settings::{server, settings};

/// Ports with the tables of this service.
pub(crate) struct Fixture {
    ports: TestPorts,
}

kit::fixture_on_ports!(Fixture, MIGRATIONS);

impl Fixture {
    async fn over(ports: TestPorts) -> Self {
        Self { ports: ports.beside_auth().await }
    }

    /// On SQLite, for what does not touch the database in ways of its own.
    pub(crate) async fn new() -> Self {
        Self::on(Engine::Sqlite).await.unwrap()
    }

    /// The service with the built-in mailbox.
    pub(crate) fn with_mailbox(&self) -> Arc<Notification> {
        self.with_settings(&settings(Transport::Mailbox))
    }

    /// The service with a mail server on this machine.
    pub(crate) fn with_server(&self, port: u16) -> Arc<Notification> {
        self.with_settings(&settings(server(port)))
    }

    pub(crate) fn with_settings(&self, settings: &Settings) -> Arc<Notification> {
        Notification::new(self.context.clone(), settings).unwrap()
    }

    /// Delivers a new event with `message` for ayse@example.com, a millisecond after the one before.
    pub(crate) async fn ask_for(&self, notification: &Arc<Notification>, message: MailMessage) {
        self.ask_for_event(notification, event(message)).await;
    }

    /// Delivers a new event, a millisecond after the one before.
    pub(crate) async fn ask_for_event(&self, notification: &Arc<Notification>, event: EmailEvent) {
        self.a_moment_later();
        deliver(notification, self.context.sources.uuid(), event).await.unwrap();
    }

    /// All mails, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        store::mail::all(&self.context.database).await.unwrap()
    }

    /// The states of all mails, oldest first.
    pub(crate) async fn states(&self) -> Vec<State> {
        self.mails().await.into_iter().map(|mail| mail.state).collect()
    }
}

/// Starts the tasks of the service.
pub(crate) fn start(notification: &Arc<Notification>) -> RunningTasks {
    RunningTasks::start(sender::tasks(notification))
}
