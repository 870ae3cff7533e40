//! What the servers promised to clients, as they heard it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use testkit::order_books::OrderAnswers;

use crate::stops::Stops;

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
    /// Those that a client waited for in vain, and the kind: in doubt with the server, or lost.
    pub(crate) missed_mails: Vec<(String, &'static str)>,
    /// What was answered of orders.
    pub(crate) orders: OrderAnswers,
    /// Anonymous carts that went into those of accounts, as often as that was acknowledged.
    pub(crate) merges: u64,
    /// Requests that were answered.
    pub(crate) answers: u64,
    /// Those among them that were asked to come again later.
    pub(crate) refused: u64,
    /// Requests that found no door open.
    pub(crate) unreached: u64,
    /// Requests that a fault cut off once they had found one: where, and how it showed.
    pub(crate) unanswered: Vec<UnansweredRequest>,
    /// How long each process took to end that was asked to.
    pub(crate) stops: Stops,
    /// How often a wipe of the ephemeral store began or ended.
    pub(crate) wipes: u32,
    /// What such a wipe takes away by nature.
    pub(crate) lost_by_wipe: LostByWipe,
    /// How often the clock of our processes began to be wrong, or was right again.
    pub(crate) jumps: u32,
    /// Journeys whose tokens such a jump made expire, or made tokens of the future.
    pub(crate) ended_by_jump: u64,
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
    /// Anonymous carts, or some of what was in them.
    pub(crate) carts: u64,
}

/// A request that was sent and got no whole answer.
pub(crate) struct UnansweredRequest {
    /// Whom it was sent to.
    pub(crate) door: String,
    /// What it asked for, and the client's own words for what it got instead of an answer.
    pub(crate) reason: String,
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

    /// Writes down what no promise allows.
    pub(crate) fn expect(&self, holds: bool, complaint: impl FnOnce() -> String) -> Option<()> {
        if !holds {
            self.promises().broken.push(complaint());
        }
        holds.then_some(())
    }
}
