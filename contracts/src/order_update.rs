//! What a mail says of an order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::OrderStatus;

/// What has become of an order, for whoever has ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderUpdate {
    /// The order. All mails of one are shown together.
    pub order_id: String,
    /// What has become of it.
    pub change: OrderChange,
    /// What it is called on the telephone.
    pub code: String,
    /// The restaurant's name.
    pub restaurant: String,
    /// What it costs in all, in lira with two decimals.
    pub total: String,
    /// For when it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_at: Option<DateTime<Utc>>,
    /// Why it came to nothing, as a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person has added to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderChange {
    /// The restaurant has it.
    Placed,
    /// The restaurant has said yes.
    Accepted,
    /// It takes longer.
    Delayed,
    /// It is cooked.
    Preparing,
    /// Somebody brings it.
    OnTheWay,
    /// It is there.
    Delivered,
    /// The restaurant has said no, or nothing in time.
    Rejected,
    /// Somebody has called it off.
    Cancelled,
    /// The card has not paid.
    PaymentFailed,
}

impl OrderChange {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What an order that was `before` is to be told of now, if anything.
    #[must_use]
    pub fn between(before: Option<OrderStatus>, after: OrderStatus) -> Option<Self> {
        if before == Some(after) {
            return Some(Self::Delayed);
        }
        match after {
            OrderStatus::AwaitingPayment => None,
            OrderStatus::Placed => Some(Self::Placed),
            OrderStatus::Accepted => Some(Self::Accepted),
            OrderStatus::Preparing => Some(Self::Preparing),
            OrderStatus::OnTheWay => Some(Self::OnTheWay),
            OrderStatus::Delivered => Some(Self::Delivered),
            OrderStatus::Rejected => Some(Self::Rejected),
            OrderStatus::Cancelled => Some(Self::Cancelled),
            OrderStatus::PaymentFailed => Some(Self::PaymentFailed),
        }
    }
}
