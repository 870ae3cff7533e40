//! How a mail reaches the server: connection, dialogue and TLS, and what is known of the server meanwhile.
//!
//! It knows nothing of rows and claims; [`crate::sender`] works with it.

mod connection;
mod dialogue;
mod health;
mod protection;
mod route;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use contracts::MailClass;
use lettre::message::Mailbox;
use tokio::sync::{Notify, watch};

pub(crate) use connection::{Refusal, SmtpConnection, Unreachable};
pub(crate) use health::{Health, ServerCheck};
pub(crate) use route::Route;

use crate::model::domains::Domains;
use crate::model::probation::Probation;
use crate::model::throttle::Throttle;
use crate::settings::{InvalidSettings, Settings, Smtp};

/// The mail server, as all senders see it.
pub(crate) struct Server {
    pub(crate) route: Arc<Route>,
    pub(crate) throttle: Throttle,
    /// Keeps commercial mail to a rate of its own.
    pub(crate) commercial_throttle: Throttle,
    /// Keeps the mails to each domain to theirs.
    pub(crate) domains: Domains,
    pub(crate) probation: Probation,
    pub(crate) connections: usize,
    woken: Notify,
    woken_for_commercial: Notify,
    pub(crate) health: watch::Sender<Health>,
    /// Whether commercial mail waits because nobody says who sends it.
    pub(crate) lacks_identity: AtomicBool,
    /// Why senders here, by their number, can't claim mails.
    pub(crate) hindrances: Mutex<BTreeMap<usize, String>>,
}

impl Server {
    pub(crate) fn new(smtp: &Smtp, from: &Mailbox, settings: &Settings) -> Result<Self, InvalidSettings> {
        Ok(Self {
            route: Arc::new(Route::new(smtp, from.email.domain())?),
            throttle: Throttle::new(settings.mails_per_second),
            commercial_throttle: Throttle::new(settings.commercial_mails_per_second),
            domains: Domains::new(settings.mails_per_domain_per_second),
            probation: Probation::default(),
            connections: settings.connections,
            woken: Notify::new(),
            woken_for_commercial: Notify::new(),
            health: watch::Sender::new(Health::Unknown),
            lacks_identity: AtomicBool::new(false),
            hindrances: Mutex::default(),
        })
    }

    /// How many of the connections commercial mail may have at a time: half of them, so that others find one.
    pub(crate) fn commercial_connections(&self) -> usize {
        (self.connections / 2).max(1)
    }

    /// Divides the rates of commercial mail among so many processes, of which this is one.
    pub(crate) fn divide(&self, senders: u32) {
        self.commercial_throttle.divide(senders);
        self.domains.divide(senders);
    }

    /// Makes a sender that rests poll for mails of `class` now.
    pub(crate) fn wake_sender(&self, class: MailClass) {
        self.waking(class).notify_one();
    }

    /// Returns when a sender is wanted for mails of `class`.
    pub(crate) async fn woken(&self, class: MailClass) {
        self.waking(class).notified().await;
    }

    fn waking(&self, class: MailClass) -> &Notify {
        match class {
            MailClass::Transactional => &self.woken,
            MailClass::Commercial => &self.woken_for_commercial,
        }
    }
}
