//! Carts that are not there, by the network that asks for them: whoever tries ids gets no more answers.
//!
//! An id has 122 random bits, so nobody finds a cart like that; but nobody is to try for long either. A client that has kept
//! the id of a cart which is gone is counted once, however often it asks.

use std::time::Duration;

use clock::Timestamp;
use ephemeral::{Count, Window};
use quick_cache::sync::Cache;

use super::{AnonymousError, CartStore};
use crate::model::anonymous::CartId;

/// Many diners may share a network, and each may have kept the id of a cart that is gone.
const UNKNOWN_CARTS: Window = Window { limit: 1_000, length: Duration::from_secs(60 * 60) };
/// So many networks a process knows to have tried too many; others are known to it again with their next try.
const MAX_REFUSED: usize = 10_000;

/// Networks that get no answer here, and until when.
pub(super) struct Guesses(Cache<String, Timestamp>);

impl Guesses {
    pub(super) fn new() -> Self {
        Self(Cache::new(MAX_REFUSED))
    }

    /// Refuses a network that has asked this process for too many carts which are not there, also what is there.
    pub(super) fn check(&self, store: &CartStore, network: &str) -> Result<(), AnonymousError> {
        let Some(until) = self.0.get(network) else { return Ok(()) };
        match (until - store.sources.now()).to_std() {
            Ok(rest) if !rest.is_zero() => Err(AnonymousError::TooManyUnknown(rest)),
            _ => {
                self.0.remove(network);
                Ok(())
            }
        }
    }

    /// Counts that `network` has asked for `id`, which is not there.
    pub(super) async fn count(&self, store: &CartStore, network: &str, id: CartId) -> Result<(), AnonymousError> {
        let key = format!("unknown-carts:{network}");
        match store.ephemeral.count(&key, id.text().as_bytes(), UNKNOWN_CARTS).await {
            Ok(Count::Within(_)) => Ok(()),
            Ok(Count::Full { retry_after }) => {
                self.0.insert(network.to_owned(), store.sources.now() + retry_after);
                Err(AnonymousError::TooManyUnknown(retry_after))
            }
            // The store has said that there is no such cart, and that is answered.
            Err(error) => {
                tracing::warn!(%error, "carts that are not there can't be counted");
                Ok(())
            }
        }
    }
}
