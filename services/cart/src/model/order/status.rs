//! How orders move: who may make which step, and what follows.

use std::time::Duration;

use contracts::OrderStatus::{
    Accepted, AwaitingPayment, Cancelled, Delivered, OnTheWay, PaymentFailed, Placed, Preparing, Rejected,
};
use contracts::{OrderActor, OrderStatus};

/// Whoever has ordered may call it off for so long after it was accepted.
pub(crate) const CANCEL_WINDOW: Duration = Duration::from_secs(2 * 60);
/// After so long on the way an order is taken to be there.
pub(crate) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(3 * 60 * 60);
/// So often an order can be said to take longer.
pub(crate) const MOST_DELAYS: i16 = 5;
/// So long a card may take.
pub(crate) const PAYMENT_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// A step that somebody wants an order to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// The card has paid.
    Pay,
    /// The card has not.
    FailPayment,
    Accept,
    Reject,
    Prepare,
    Dispatch,
    Deliver,
    Cancel,
}

impl Step {
    /// What the order is after it.
    pub(crate) fn target(self) -> OrderStatus {
        match self {
            Self::Pay => Placed,
            Self::FailPayment => PaymentFailed,
            Self::Accept => Accepted,
            Self::Reject => Rejected,
            Self::Prepare => Preparing,
            Self::Dispatch => OnTheWay,
            Self::Deliver => Delivered,
            Self::Cancel => Cancelled,
        }
    }

    /// From where `actor` may make it. A diner may cancel what was accepted only within [`CANCEL_WINDOW`].
    pub(crate) fn sources(self, actor: OrderActor) -> &'static [OrderStatus] {
        match (self, actor) {
            (Self::Pay | Self::FailPayment, OrderActor::System) => &[AwaitingPayment],
            (Self::Accept, OrderActor::Owner | OrderActor::Admin)
            | (Self::Reject, OrderActor::Owner | OrderActor::Admin | OrderActor::System) => &[Placed],
            (Self::Prepare, OrderActor::Owner | OrderActor::Admin) => &[Accepted],
            (Self::Dispatch, OrderActor::Owner | OrderActor::Admin) => &[Accepted, Preparing],
            (Self::Deliver, OrderActor::Owner | OrderActor::Admin) => &[Accepted, Preparing, OnTheWay],
            (Self::Deliver, OrderActor::System) => &[OnTheWay],
            (Self::Cancel, OrderActor::Diner) => &[AwaitingPayment, Placed, Accepted],
            (Self::Cancel, OrderActor::Owner | OrderActor::Admin) => &[Accepted, Preparing, OnTheWay],
            // A card that gives no money after all.
            (Self::Cancel, OrderActor::System) => &[Accepted, Preparing],
            (Self::Pay | Self::FailPayment, OrderActor::Diner | OrderActor::Owner | OrderActor::Admin)
            | (Self::Accept | Self::Reject | Self::Prepare | Self::Dispatch | Self::Deliver, OrderActor::Diner)
            | (Self::Accept | Self::Prepare | Self::Dispatch, OrderActor::System) => &[],
        }
    }

    /// Whether what the order had of slots and campaigns goes back.
    pub(crate) fn gives_back(self) -> bool {
        match self {
            Self::FailPayment | Self::Reject | Self::Cancel => true,
            Self::Pay | Self::Accept | Self::Prepare | Self::Dispatch | Self::Deliver => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 8] = [
        Step::Pay,
        Step::FailPayment,
        Step::Accept,
        Step::Reject,
        Step::Prepare,
        Step::Dispatch,
        Step::Deliver,
        Step::Cancel,
    ];
    const ACTORS: [OrderActor; 4] = [OrderActor::Diner, OrderActor::Owner, OrderActor::Admin, OrderActor::System];

    #[test]
    fn nothing_moves_what_has_come_to_its_end() {
        for step in STEPS {
            for actor in ACTORS {
                assert!(step.sources(actor).iter().all(|from| !from.is_terminal()), "{step:?} by {actor}");
            }
        }
    }

    #[test]
    fn orders_move_forward_alone() {
        let order = [AwaitingPayment, Placed, Accepted, Preparing, OnTheWay, Delivered];
        let place = |status| order.iter().position(|other| *other == status);
        for step in STEPS {
            for actor in ACTORS {
                for from in step.sources(actor) {
                    assert!(place(step.target()).is_none_or(|to| place(*from).unwrap() < to), "{step:?} from {from}");
                }
            }
        }
    }

    #[test]
    fn a_diner_calls_off_and_nothing_else() {
        for step in STEPS {
            assert_eq!(step.sources(OrderActor::Diner).is_empty(), step != Step::Cancel, "{step:?}");
        }
    }
}
