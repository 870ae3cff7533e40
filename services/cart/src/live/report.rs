//! An order has changed, as processes report it to each other.

use clock::Timestamp;
use contracts::{OrderId, RestaurantId, UserId};
use serde::{Deserialize, Serialize};

use crate::model::Audience;

/// An order has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderReport {
    #[serde(rename = "o")]
    pub(crate) order_id: OrderId,
    #[serde(rename = "u")]
    pub(crate) user_id: UserId,
    #[serde(rename = "r")]
    pub(crate) restaurant_id: RestaurantId,
    #[serde(flatten)]
    pub(crate) revision: Revision,
}

/// How an order stands: of two of the same order, the greater one is later. Each step raises the version, and what a card has paid
/// moves the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Revision {
    #[serde(rename = "v")]
    version: i64,
    /// In microseconds; absent in what releases before this one report.
    #[serde(rename = "c", default)]
    changed_at: i64,
}

impl Revision {
    pub(crate) fn new(version: i64, changed_at: Timestamp) -> Self {
        Self { version, changed_at: changed_at.timestamp_micros() }
    }
}

impl OrderReport {
    pub(super) fn audiences(&self) -> [Audience; 2] {
        [Audience::Diner(self.user_id), Audience::Kitchen(self.restaurant_id)]
    }
}
