//! What a client has been shown, in a word.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use clock::Timestamp;
use contracts::OrderId;

use super::Revision;
use crate::model::SHOWN_WINDOW;

/// An order in the state in which it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShownOrder {
    pub(crate) id: OrderId,
    pub(crate) revision: Revision,
    pub(crate) closed_at: Option<Timestamp>,
}

/// The orders that a client has been shown.
#[derive(Debug, Default)]
pub(crate) struct Shown(HashMap<OrderId, ShownOrder>);

impl Shown {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the order is newer than what was shown; it is shown then.
    pub(crate) fn show(&mut self, order: ShownOrder) -> bool {
        let is_newer = self.0.get(&order.id).is_none_or(|before| before.revision < order.revision);
        if is_newer {
            self.0.insert(order.id, order);
        }
        is_newer
    }

    /// Names the state of all that is shown: any replica, at any time, gives the same name to the same orders in the same
    /// states, so whoever comes again with it has missed nothing. Releases of the compiler may name it otherwise, which costs
    /// clients that come again a snapshot.
    pub(crate) fn state(&mut self, now: Timestamp) -> String {
        self.0.retain(|_, order| order.closed_at.is_none_or(|closed_at| closed_at + SHOWN_WINDOW > now));
        let hash = self.0.values().fold(0, |all, order| all ^ hash_of(order));
        format!("{hash:016x}-{}", self.0.len())
    }
}

impl FromIterator<ShownOrder> for Shown {
    fn from_iter<I: IntoIterator<Item = ShownOrder>>(orders: I) -> Self {
        Self(orders.into_iter().map(|order| (order.id, order)).collect())
    }
}

fn hash_of(order: &ShownOrder) -> u64 {
    let mut hasher = DefaultHasher::new();
    (order.id, order.revision).hash(&mut hasher);
    hasher.finish()
}
