//! What the servers promised to clients, as they heard it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The promises of one run; clones write into the same one.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Promises>>);

/// Everything that an answer with success promised.
#[derive(Default)]
pub(crate) struct Promises {
    /// Addresses whose verification was acknowledged.
    pub(crate) verified: Vec<String>,
    /// Addresses whose password was replaced, and then opened the account.
    pub(crate) reset: Vec<String>,
    /// Tokens of sessions that were ended with an acknowledgement.
    pub(crate) ended: Vec<Tokens>,
    /// Addresses and kinds of mail that an acknowledgement promised: at least this many of each.
    pub(crate) mails: Vec<(String, &'static str)>,
    /// Requests that were answered.
    pub(crate) answers: u64,
    /// Those among them that were told to come again later.
    pub(crate) refused: u64,
    /// Requests that a fault cut off.
    pub(crate) cut_off: u64,
    /// How often a wipe of the ephemeral store began or ended.
    pub(crate) wipes: u32,
    /// What such a wipe takes away by nature.
    pub(crate) lost_by_wipe: LostByWipe,
    /// How often Kafka had to be started again because it lost its own way after a fault.
    pub(crate) lapses_of_kafka: u64,
    /// Answers that no promise allows.
    pub(crate) broken: Vec<String>,
}

/// What stands in the ephemeral store alone, as far as a client missed it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LostByWipe {
    /// Registrations whose mailbox was not proven yet.
    pub(crate) registrations: u64,
    /// Links to choose a new password.
    pub(crate) links: u64,
}

/// The tokens of one session.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Ledger {
    pub(crate) fn promises(&self) -> MutexGuard<'_, Promises> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
