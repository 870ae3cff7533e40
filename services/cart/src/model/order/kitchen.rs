//! How the kitchen of a demo goes on with an order. It is so fast that whoever tries the platform for the first time waits for
//! a whole order: half a minute.

use std::time::Duration;

use contracts::OrderStatus;

use super::{Fulfilment, Minutes, Step};

/// Who runs the restaurant can be faster, and has the order to themselves then.
const ACCEPT_DELAY: Duration = Duration::from_secs(3);
/// So that an order that is accepted is seen as such.
const PREPARE_DELAY: Duration = Duration::from_secs(5);
/// How long it cooks.
const COOKING_DELAY: Duration = Duration::from_secs(10);
/// How long whoever brings it is on the way.
const DELIVERY_DELAY: Duration = Duration::from_secs(15);
/// A kitchen begins with what is wanted at a time so long before.
pub(crate) const KITCHEN_WINDOW: Duration = COOKING_DELAY.saturating_add(DELIVERY_DELAY);
/// How long a kitchen says that it takes: the least that can be said.
pub(crate) const KITCHEN_ETA: Minutes = Minutes(5);
/// One of so many orders is turned down, so that this is seen, too.
const REJECTED_OF: i64 = 20;

/// How long an order stands so before a kitchen goes on with it; `None` where that is not up to a kitchen.
pub(crate) fn kitchen_delay(status: OrderStatus) -> Option<Duration> {
    match status {
        OrderStatus::Placed => Some(ACCEPT_DELAY),
        OrderStatus::Accepted => Some(PREPARE_DELAY),
        OrderStatus::Preparing => Some(COOKING_DELAY),
        OrderStatus::OnTheWay => Some(DELIVERY_DELAY),
        OrderStatus::AwaitingPayment
        | OrderStatus::Delivered
        | OrderStatus::Rejected
        | OrderStatus::Cancelled
        | OrderStatus::PaymentFailed => None,
    }
}

/// What a kitchen does with the order then. Nobody brings what is fetched.
pub(crate) fn kitchen_step(status: OrderStatus, fulfilment: Fulfilment) -> Option<Step> {
    match (status, fulfilment) {
        (OrderStatus::Placed, _) => Some(Step::Accept),
        (OrderStatus::Accepted, _) => Some(Step::Prepare),
        (OrderStatus::Preparing, Fulfilment::Delivery) => Some(Step::Dispatch),
        (OrderStatus::Preparing, Fulfilment::Pickup) | (OrderStatus::OnTheWay, _) => Some(Step::Deliver),
        (
            OrderStatus::AwaitingPayment
            | OrderStatus::Delivered
            | OrderStatus::Rejected
            | OrderStatus::Cancelled
            | OrderStatus::PaymentFailed,
            _,
        ) => None,
    }
}

/// Whether a kitchen turns the order down, unless it is the first of its restaurant: every twentieth of the platform.
pub(crate) fn is_turned_down(number: i64) -> bool {
    number % REJECTED_OF == 0
}

#[cfg(test)]
mod tests {
    use contracts::OrderActor;
    use strum::VariantArray;

    use super::*;

    #[test]
    fn a_kitchen_makes_steps_of_an_owner_to_the_end_within_a_minute() {
        for (fulfilment, steps) in [(Fulfilment::Delivery, 4), (Fulfilment::Pickup, 3)] {
            let (mut status, mut made, mut taken) = (OrderStatus::Placed, 0, Duration::ZERO);
            while let Some(step) = kitchen_step(status, fulfilment) {
                assert!(step.sources(OrderActor::Owner).contains(&status), "{step:?} from {status}");
                taken += kitchen_delay(status).unwrap();
                (status, made) = (step.target(), made + 1);
            }

            assert_eq!((status, made), (OrderStatus::Delivered, steps));
            assert!(taken < Duration::from_secs(45), "{taken:?}");
        }
    }

    #[test]
    fn a_kitchen_waits_wherever_it_goes_on() {
        for status in OrderStatus::VARIANTS {
            let step = kitchen_step(*status, Fulfilment::Delivery);

            assert_eq!(kitchen_delay(*status).is_some(), step.is_some(), "{status}");
        }
    }
}
