//! The ports, as a service holds them.

use std::sync::Arc;

use clock::{Sources, Timestamp};
use database::Database;
use ephemeral::EphemeralStore;

/// Everything from outside that an action may use, cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Where the truth stands.
    pub database: Database,
    /// Where everything stands that expires.
    pub ephemeral: Arc<dyn EphemeralStore>,
    /// Time, ids and randomness.
    pub sources: Sources,
}

impl Context {
    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.sources.now()
    }
}
