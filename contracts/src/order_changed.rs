//! An order was placed, or has moved on.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::{Event, Money, OrderId, RestaurantId, UserId};

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[derive(Display, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderStatus {
    /// The card is asked for the money.
    AwaitingPayment,
    /// The restaurant is to answer.
    Placed,
    /// It has said yes.
    Accepted,
    /// It cooks.
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

impl OrderStatus {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether it moves no more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        match self {
            Self::AwaitingPayment | Self::Placed | Self::Accepted | Self::Preparing | Self::OnTheWay => false,
            Self::Delivered | Self::Rejected | Self::Cancelled | Self::PaymentFailed => true,
        }
    }
}

/// Who has moved an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[derive(Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderActor {
    /// Who has ordered.
    Diner,
    /// Who runs the restaurant.
    Owner,
    /// Who runs the platform.
    Admin,
    /// The platform itself, as time goes by or a card answers.
    System,
}

impl OrderActor {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What an order has become, with a version that each change raises. It says nothing of where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderChanged {
    /// The order.
    pub order_id: OrderId,
    /// Larger than before; 1 of a new one.
    pub version: i64,
    /// What it is now.
    pub status: OrderStatus,
    /// What it was; `null` of a new one.
    pub previous: Option<OrderStatus>,
    /// Who has ordered.
    pub user_id: UserId,
    /// Where.
    pub restaurant_id: RestaurantId,
    /// What it costs in all.
    #[serde(with = "crate::money::kurus")]
    #[schemars(with = "u64")]
    pub total_kurus: Money,
    /// Who has moved it.
    pub by: OrderActor,
    /// Why, where it was rejected or called off.
    pub reason: Option<String>,
    /// For when it is wanted.
    pub target_at: DateTime<Utc>,
    /// When it became so.
    pub at: DateTime<Utc>,
}

impl Event for OrderChanged {
    const TOPIC: &'static str = "order_changed";
    const TYPE: &'static str = "lezzetlimani.order.changed.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"order_id":"018f0000-0000-7000-8000-000000000001","version":1,"status":"placed","previous":null,"user_id":"018f0000-0000-7000-8000-000000000002","restaurant_id":"018f0000-0000-7000-8000-000000000003","total_kurus":8485,"by":"diner","reason":null,"target_at":"2026-01-01T12:40:00Z","at":"2026-01-01T12:00:00Z"}"#,
        r#"{"order_id":"018f0000-0000-7000-8000-000000000001","version":2,"status":"rejected","previous":"placed","user_id":"018f0000-0000-7000-8000-000000000002","restaurant_id":"018f0000-0000-7000-8000-000000000003","total_kurus":8485,"by":"system","reason":"no_answer","target_at":"2026-01-01T12:40:00Z","at":"2026-01-01T12:10:00Z"}"#,
    ];

    fn key(&self) -> String {
        self.order_id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        for example in OrderChanged::EXAMPLES {
            let event: OrderChanged = serde_json::from_str(example).unwrap();

            assert_eq!(&serde_json::to_string(&event).unwrap(), example);
        }
    }
}
