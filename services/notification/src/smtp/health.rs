//! Whether the mail server can be reached, as far as the last try shows.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};

use async_trait::async_trait;
use clock::Timestamp;
use kit::{Check, Status};

use super::Server;
use crate::metrics;

const LACKS_IDENTITY: &str =
    "commercial mail waits: set who sends it by SENDER_TITLE, SENDER_MERSIS and SENDER_CONTACT";

/// What the last try to reach the server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    /// Nobody has tried yet.
    Unknown,
    /// It was reached.
    Up,
    /// It was not, and why.
    Down(String),
    /// It was reached, but takes no mail from us, and why.
    Unwelcome(String),
}

impl Server {
    /// A connection is open. Whether a server that refused our mails takes them now is known when the next one is offered.
    pub(crate) fn note_reached(&self) {
        if !matches!(*self.health.borrow(), Health::Unwelcome(_)) {
            self.note_welcome();
        }
    }

    /// The server has let us name a sender.
    pub(crate) fn note_welcome(&self) {
        self.probation.end();
        if self.note(&Health::Up) {
            tracing::info!(server = %self.route, "the mail server is reached");
        }
    }

    /// The server refuses us, whatever the mail.
    pub(crate) fn note_unwelcome(&self, reason: &str, now: Timestamp) {
        self.probation.begin(now);
        if self.note(&Health::Unwelcome(reason.to_owned())) {
            tracing::error!(server = %self.route, reason, "the mail server refuses our mails; they wait");
        }
    }

    pub(crate) fn note_missed(&self, reason: &str) {
        if self.note(&Health::Down(reason.to_owned())) {
            tracing::warn!(server = %self.route, reason, "the mail server can't be reached; mails wait");
        }
    }

    /// True if it is news.
    fn note(&self, health: &Health) -> bool {
        metrics::show_server(*health == Health::Up);
        self.health.send_if_modified(|known| {
            let is_news = known != health;
            known.clone_from(health);
            is_news
        })
    }

    /// The sender of this `number` can claim mails.
    pub(crate) fn note_free(&self, number: usize) {
        self.hindrances().remove(&number);
    }

    /// It can't, and the server is not to blame.
    pub(crate) fn note_hindered(&self, number: usize, reason: &str) {
        self.hindrances().insert(number, reason.to_owned());
    }

    fn hindrances(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.hindrances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commercial mail waits, or not, because nobody says who sends it.
    pub(crate) fn note_lacks_identity(&self, does: bool) {
        if does && !self.lacks_identity.swap(does, Ordering::Relaxed) {
            tracing::warn!("{LACKS_IDENTITY}");
        } else {
            self.lacks_identity.store(does, Ordering::Relaxed);
        }
    }

    /// Returns when the server is reached after it was not.
    pub(crate) async fn recovery(&self) {
        let mut health = self.health.subscribe();
        while health.changed().await.is_ok() {
            if *health.borrow_and_update() == Health::Up {
                return;
            }
        }
    }

    /// How the server is, for people and programs.
    pub(crate) fn status(&self) -> Status {
        if let Some(reason) = self.hindrances().values().next() {
            return Status::Degraded(format!("mails can't be claimed: {reason}"));
        }
        match &*self.health.borrow() {
            Health::Up if self.lacks_identity.load(Ordering::Relaxed) => Status::Noted(LACKS_IDENTITY.to_owned()),
            Health::Up => Status::Up,
            Health::Unknown => Status::Degraded("the mail server has not been reached yet".to_owned()),
            Health::Unwelcome(reason) => Status::Degraded(format!(
                "the mail server refuses our mails; check its user name, its password and our sender: {reason}"
            )),
            Health::Down(reason) => Status::Degraded(format!("the mail server can't be reached: {reason}")),
        }
    }
}

/// Readiness asks for the server; mails wait while it is away, so the service is never down for it.
pub(crate) struct ServerCheck(pub(crate) Arc<Server>);

#[async_trait]
impl Check for ServerCheck {
    fn name(&self) -> &'static str {
        "smtp"
    }

    async fn status(&self) -> Status {
        self.0.status()
    }
}
