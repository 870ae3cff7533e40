//! How a mail reaches the server: connection, dialogue and TLS, and what is known of the server meanwhile.
//!
//! It knows nothing of rows and claims; [`crate::sender`] works with it.

mod connection;
mod dialogue;
mod health;
mod protection;
mod route;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lettre::message::Mailbox;
use tokio::sync::{Notify, watch};

pub(crate) use connection::{Refusal, SmtpConnection, Unreachable};
pub(crate) use health::{Health, ServerCheck};
pub(crate) use route::Route;

use crate::model::probation::Probation;
use crate::model::throttle::Throttle;
use crate::settings::{InvalidSettings, Settings, Smtp};

/// The mail server, as all senders see it.
pub(crate) struct Server {
    pub(crate) route: Arc<Route>,
    pub(crate) throttle: Throttle,
    pub(crate) probation: Probation,
    pub(crate) connections: usize,
    pub(crate) woken: Notify,
    pub(crate) health: watch::Sender<Health>,
    /// Why senders here, by their number, can't claim mails.
    pub(crate) hindrances: Mutex<BTreeMap<usize, String>>,
}

impl Server {
    pub(crate) fn new(smtp: &Smtp, from: &Mailbox, settings: &Settings) -> Result<Self, InvalidSettings> {
        Ok(Self {
            route: Arc::new(Route::new(smtp, from.email.domain())?),
            throttle: Throttle::new(settings.mails_per_second),
            probation: Probation::default(),
            connections: settings.connections,
            woken: Notify::new(),
            health: watch::Sender::new(Health::Unknown),
            hindrances: Mutex::default(),
        })
    }

    /// Makes a sender that rests look for mails now.
    pub(crate) fn wake_sender(&self) {
        self.woken.notify_one();
    }
}
