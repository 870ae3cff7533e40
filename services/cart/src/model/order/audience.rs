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
    /// Whether an order concerns the audience at all: a kitchen has nothing to do with what no card has paid for.
    pub(crate) fn is_shown(self, was_placed: bool) -> bool {
        match self {
            Self::Diner(_) => true,
            Self::Kitchen(_) => was_placed,
        }
    }
}

/// Whether an order that has been all this, one after the other, has come to its restaurant. One that is called off while it waits
/// for a card has not.
pub(crate) fn was_placed(history: &[OrderStatus]) -> bool {
    match history {
        [.., OrderStatus::AwaitingPayment, OrderStatus::Cancelled] => false,
        [.., last] => !UNPLACED.contains(last),
        [] => false,
    }
}

/// What an order is that was never placed, unless it was called off before.
pub(crate) const UNPLACED: [OrderStatus; 2] = [OrderStatus::AwaitingPayment, OrderStatus::PaymentFailed];

#[cfg(test)]
mod tests {
    use contracts::OrderStatus::{Accepted, AwaitingPayment, Cancelled, PaymentFailed, Placed};

    use super::*;

    #[test]
    fn what_was_called_off_or_failed_before_it_was_paid_never_came_to_its_restaurant() {
        for unplaced in [&[AwaitingPayment][..], &[AwaitingPayment, Cancelled], &[AwaitingPayment, PaymentFailed], &[]]
        {
            assert!(!was_placed(unplaced), "{unplaced:?}");
        }
        for placed in
            [&[Placed][..], &[Placed, Cancelled], &[AwaitingPayment, Placed, Accepted, Cancelled], &[Cancelled]]
        {
            assert!(was_placed(placed), "{placed:?}");
        }
    }
}
