//! The pool of workers that give mails to the server.
//!
//! Each sender keeps a connection of its own and tries one claimed mail after the other. Senders know nothing of each
//! other; what they share is in the database and in [`Server`].

mod presence;
mod worker;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use contracts::MailClass;
use kit::Task;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::actions::{self, CAMPAIGN_INTERVAL, TALLY_INTERVAL};
use crate::error::NotificationError;
use crate::metrics;
use crate::smtp::Server;
use crate::state::{Destination, Notification};
use crate::store;
use presence::Presence;
use worker::{Role, Worker};

/// How often it is checked whether there is anything to do, should nobody have been woken.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How often old mails are given up or forgotten.
const TRIM_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How often mails of types are tried again that were not known.
const UNKNOWN_INTERVAL: Duration = Duration::from_secs(60);

/// What this service does on its own.
pub(crate) fn tasks(notification: &Arc<Notification>) -> Vec<Task> {
    let sources = &notification.context.sources;
    let [housekeeper, trimmer, counter, retrier, follower] = [(); 5].map(|()| notification.clone());
    let mut tasks = vec![
        Task::every(POLL_INTERVAL, "notification housekeeping", sources, move || keep_house(housekeeper.clone())),
        Task::every(TRIM_INTERVAL, "notification trim", sources, move || trim(trimmer.clone())),
        Task::every(TALLY_INTERVAL, "notification tally", sources, move || tally(counter.clone())),
        Task::every(UNKNOWN_INTERVAL, "notification unknown mails", sources, move || retry_unknown(retrier.clone())),
        Task::every(CAMPAIGN_INTERVAL, "notification campaigns", sources, move || follow_campaigns(follower.clone())),
    ];
    if let Destination::Server(server) = &notification.destination {
        if !store::belongs_to_one_process(&notification.context.database) {
            let presence = Presence::new(notification.clone(), server.clone());
            tasks.push(Task::new("notification presence", move |stop| presence.show(stop)));
        }
        for class in [MailClass::Transactional, MailClass::Commercial] {
            let (woken, recorded) = (server.clone(), store::mail::announcements(&notification.context.database, class));
            tasks.push(Task::new("notification wake", move |stop| wake_senders(woken, class, recorded, stop)));
        }
        for number in 0..server.connections {
            let role = if number == 0 { Role::Keeper } else { Role::Helper };
            let worker = Worker::new(notification.clone(), server.clone(), role, number);
            tasks.push(Task::new("notification sender", move |stop| worker.run(stop)));
        }
    }
    tasks
}

/// Wakes a sender at each commit with a new mail of `class`, whatever was the cause of that mail.
async fn wake_senders(
    server: Arc<Server>,
    class: MailClass,
    mut recorded: watch::Receiver<u64>,
    stop: CancellationToken,
) {
    while let Some(Ok(())) = stop.run_until_cancelled(recorded.changed()).await {
        server.wake_sender(class);
    }
}

async fn keep_house(notification: Arc<Notification>) -> Result<(), NotificationError> {
    actions::recover(&notification).await?;
    let database = &notification.context.database;
    metrics::show_pending(store::mail::count_waiting(database, metrics::MOST_PENDING).await?);
    let commercial =
        store::mail::count_waiting_of(database, MailClass::Commercial, None, metrics::MOST_PENDING).await?;
    metrics::show_commercial_pending(commercial);
    if let Destination::Server(server) = &notification.destination {
        server.note_lacks_identity(notification.identity.is_none() && commercial > 0);
    }
    actions::follow_slow_domains(&notification).await?;
    actions::take_stock(&notification).await
}

async fn tally(notification: Arc<Notification>) -> Result<(), NotificationError> {
    actions::tally_campaigns(&notification).await
}

async fn follow_campaigns(notification: Arc<Notification>) -> Result<(), NotificationError> {
    actions::apply_campaign_states(&notification).await
}

async fn retry_unknown(notification: Arc<Notification>) -> Result<(), NotificationError> {
    actions::retry_unknown(&notification).await
}

async fn trim(notification: Arc<Notification>) -> Result<(), NotificationError> {
    actions::trim(&notification).await
}
