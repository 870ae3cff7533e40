//! What the tests of this service stand on.

use std::ops::Deref;
use std::sync::Arc;

use bus::{HearError, Heard};
use contracts::{Asked, EmailEvent, Locale, MailMessage, Secret};
use kit::testing::{Engine, RunningTasks, TestPorts};
use uuid::Uuid;

use crate::events::Listener;
use crate::settings::{Settings, Smtp, Tls, Transport};
use crate::state::Notification;
use crate::store::mail::{Mail, State};
use crate::{Links, MIGRATIONS, sender, store};

pub(crate) use kit::testing::TIMEOUT;

/// Ports with the tables of this service.
pub(crate) struct Fixture(TestPorts);

impl Fixture {
    pub(crate) async fn on(engine: Engine) -> Option<Self> {
        Some(Self(TestPorts::fresh(engine, &[MIGRATIONS]).await?.beside_auth().await))
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
        self.a_moment_later();
        deliver(notification, self.context.sources.uuid(), event(message)).await.unwrap();
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

impl Deref for Fixture {
    type Target = TestPorts;

    fn deref(&self) -> &TestPorts {
        &self.0
    }
}

/// Starts the tasks of the service.
pub(crate) fn start(notification: &Arc<Notification>) -> RunningTasks {
    RunningTasks::start(sender::tasks(notification))
}

pub(crate) fn settings(transport: Transport) -> Settings {
    let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };
    Settings::new(transport, "Lezzetlimanı <posta@example.com>", links)
}

pub(crate) fn server(port: u16) -> Transport {
    Transport::Smtp(Smtp { host: "127.0.0.1".to_owned(), port, tls: Tls::None, credentials: None, ca_file: None })
}

/// Delivers `event` under `id`, as the bus does.
pub(crate) async fn deliver(notification: &Arc<Notification>, id: Uuid, event: EmailEvent) -> Result<(), HearError> {
    let heard = Heard { id, recorded_at: notification.context.now(), event };
    kit::testing::deliver(&notification.context.database, &Listener::new(notification.clone()), &heard).await
}

pub(crate) fn event(message: MailMessage) -> EmailEvent {
    EmailEvent { to: "ayse@example.com".parse().unwrap(), locale: Locale::Tr, message }
}

pub(crate) fn verification() -> MailMessage {
    MailMessage::Verification { token: Secret::new("tok-en"), asked: Asked::default() }
}

pub(crate) fn discount() -> MailMessage {
    MailMessage::Discount { title: "Lahmacun".to_owned(), description: "Yalnızca bugün!".to_owned() }
}
