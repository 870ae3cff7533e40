//! Who watches orders, and which.

use std::time::Duration;

use contracts::{OrderStatus, RestaurantId, UserId};

/// Orders are shown among those that move for so long after their end.
pub(crate) const SHOWN_WINDOW: Duration = Duration::from_secs(15 * 60);
/// No more orders are shown at a time.
pub(crate) const MOST_SHOWN: u64 = 500;

/// Who watches orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Audience {
    /// Whoever has ordered.
    Diner(UserId),
    /// Who runs the restaurant.
    Kitchen(RestaurantId),
}

impl Audience {
    /// Whether an order concerns the audience at all: a kitchen can do nothing about what no card has paid for.
    pub(crate) fn is_shown(self, status: OrderStatus) -> bool {
        match self {
            Self::Diner(_) => true,
            Self::Kitchen(_) => !HIDDEN_FROM_KITCHENS.contains(&status),
        }
    }
}

/// What no kitchen sees.
pub(crate) const HIDDEN_FROM_KITCHENS: [OrderStatus; 2] = [OrderStatus::AwaitingPayment, OrderStatus::PaymentFailed];
