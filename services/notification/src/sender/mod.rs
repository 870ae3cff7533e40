//! The pool that gives mails to the server: the one module here that other services don't have.
//!
//! Each sender keeps a connection of its own and tries one claimed mail after the other. Senders know nothing of each
//! other; what they share is in the database and in [`Server`].

mod connection;
mod dialogue;
mod health;
mod presence;
mod protection;
mod route;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kit::Task;
use lettre::message::Mailbox;
use tokio::sync::{Notify, watch};

pub(crate) use connection::{Refusal, SmtpConnection, Unreachable};
pub(crate) use health::ServerCheck;
pub(crate) use route::Route;

use crate::actions;
use crate::error::NotificationError;
use crate::mailer::{Destination, Mailer};
use crate::metrics;
use crate::model::probation::Probation;
use crate::model::throttle::Throttle;
use crate::settings::{InvalidSettings, Settings, Smtp};
use crate::store;
use health::Health;
use presence::Presence;
use worker::{Role, Worker};

/// The mail server, as all senders see it.
pub(crate) struct Server {
    pub(crate) route: Arc<Route>,
    throttle: Throttle,
    probation: Probation,
    connections: usize,
    woken: Notify,
    health: watch::Sender<Health>,
    /// Why senders here, by their number, can't claim mails.
    hindrances: Mutex<BTreeMap<usize, String>>,
}

/// How often somebody looks whether there is anything to do, should nobody have been woken.
const LOOK: Duration = Duration::from_secs(5);
/// How often old mails are given up or forgotten.
const TRIM: Duration = Duration::from_secs(60 * 60);

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

/// What this service does on its own.
pub(crate) fn tasks(mailer: &Arc<Mailer>) -> Vec<Task> {
    let sources = &mailer.context.sources;
    let (housekeeper, trimmer) = (mailer.clone(), mailer.clone());
    let mut tasks = vec![
        Task::every(LOOK, "notification housekeeping", sources, move || keep_house(housekeeper.clone())),
        Task::every(TRIM, "notification trim", sources, move || trim(trimmer.clone())),
    ];
    if let Destination::Server(server) = &mailer.destination {
        if !store::belongs_to_one_process(&mailer.context.database) {
            let presence = Presence::new(mailer.clone(), server.clone());
            tasks.push(Task::new("notification presence", move |stop| presence.show(stop)));
        }
        for number in 0..server.connections {
            let role = if number == 0 { Role::Keeper } else { Role::Helper };
            let worker = Worker::new(mailer.clone(), server.clone(), role, number);
            tasks.push(Task::new("notification sender", move |stop| worker.run(stop)));
        }
    }
    tasks
}

async fn keep_house(mailer: Arc<Mailer>) -> Result<(), NotificationError> {
    actions::recover(&mailer).await?;
    metrics::show_pending(store::mail::count_waiting(&mailer.context.database, metrics::MOST_PENDING).await?);
    actions::take_stock(&mailer).await
}

async fn trim(mailer: Arc<Mailer>) -> Result<(), NotificationError> {
    actions::trim(&mailer).await
}
