//! Shows other replicas that this process lives, and finds out which of them don't: what those had claimed is free again. Those
//! that live share the rates of commercial mail.
//!
//! Each process with senders keeps a session lock of its own name. A lock ends with its process, but also with a connection
//! that breaks, and when a process hangs; so only who stays without one for [`CHECKS_OF_GRACE`] is taken for gone. A process that was
//! only cut off, and gives a mail to the server meanwhile, leaves it in doubt, as one does that dies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::MailClass;
use database::SessionLock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::POLL_INTERVAL;
use crate::actions;
use crate::error::NotificationError;
use crate::smtp::Server;
use crate::state::Notification;
use crate::store;

/// How often the lock is confirmed; after five seconds without that it ends.
const PULSE_INTERVAL: Duration = Duration::from_secs(1);
/// For how many checks a process has to be without its lock after the first that missed it, until it is taken for gone: ten
/// seconds. Pulses and checks are counted, not instants: a clock that is set neither puts a check off nor takes the grace away.
const CHECKS_OF_GRACE: u32 = 2;
/// How many pulses lie between two checks.
const PULSES_PER_CHECK: u64 = POLL_INTERVAL.as_secs() / PULSE_INTERVAL.as_secs();

/// One process among its replicas.
pub(super) struct Presence {
    notification: Arc<Notification>,
    server: Arc<Server>,
    lock: Option<SessionLock>,
    pulses_until_check: u64,
    /// Whether the last try to show it succeeded.
    is_shown: bool,
    /// Others without a lock, and how many checks have found that since the first.
    absent: BTreeMap<Uuid, u32>,
}

impl Presence {
    pub(super) fn new(notification: Arc<Notification>, server: Arc<Server>) -> Self {
        Self { notification, server, lock: None, pulses_until_check: 0, is_shown: true, absent: BTreeMap::new() }
    }

    /// Works until `stop`.
    pub(super) async fn show(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pulse = self.pulse().await;
            self.log(&pulse);
            stop.run_until_cancelled(self.notification.context.sources.sleep(PULSE_INTERVAL)).await;
        }
        // Others find that out by themselves, a little later.
        if let Err(error) = actions::leave_senders(&self.notification, self.notification.process).await {
            tracing::debug!(%error, "other senders can't be shown that this one has stopped");
        }
    }

    /// Logs what is news.
    fn log(&mut self, pulse: &Result<(), NotificationError>) {
        let was_shown = std::mem::replace(&mut self.is_shown, pulse.is_ok());
        match pulse {
            Err(error) if was_shown => {
                tracing::warn!(%error, "this sender can't show that it lives, nor free the mails of those that don't");
            }
            Err(error) => tracing::debug!(%error, "this sender still can't show that it lives"),
            Ok(()) if !was_shown => tracing::info!("this sender shows again that it lives"),
            Ok(()) => {}
        }
    }

    async fn pulse(&mut self) -> Result<(), NotificationError> {
        self.pulses_until_check = self.pulses_until_check.saturating_sub(1);
        let is_held = match &mut self.lock {
            Some(lock) => lock.is_held().await,
            None => false,
        };
        if !is_held {
            let name = lock_name(self.notification.process);
            self.lock = self.notification.context.database.try_session_lock(&name).await?;
        }
        if self.pulses_until_check == 0 {
            self.pulses_until_check = PULSES_PER_CHECK;
            actions::join_senders(&self.notification).await?;
            let others = self.free_absent().await?;
            self.server.divide(others.saturating_add(1));
        }
        Ok(())
    }

    /// Frees what is claimed by those who have been gone for long enough, and answers how many others there are.
    async fn free_absent(&mut self) -> Result<u32, NotificationError> {
        let (database, this) = (&self.notification.context.database, self.notification.process);
        let mut others: BTreeSet<Uuid> = store::sender::others(database, this).await?.into_iter().collect();
        // A process of the release before has no row.
        others.extend(store::mail::other_claimants(database, this, self.notification.context.now()).await?);
        let shown = database.held_session_locks(others.iter().copied().map(lock_name).collect()).await?;
        let (mut absent, mut present) = (BTreeMap::new(), 0);
        for process in others {
            if shown.contains(&lock_name(process)) {
                present += 1;
                continue;
            }
            let checks = self.absent.get(&process).map_or(0, |checks| checks + 1);
            if checks >= CHECKS_OF_GRACE {
                actions::end_claims_of(&self.notification, process).await?;
                actions::leave_senders(&self.notification, process).await?;
                for class in [MailClass::Transactional, MailClass::Commercial] {
                    self.server.wake_sender(class);
                }
            } else {
                absent.insert(process, checks);
                present += 1;
            }
        }
        self.absent = absent;
        Ok(present)
    }
}

/// What the lock of `process` is called.
fn lock_name(process: Uuid) -> String {
    format!("notification sender {process}")
}
