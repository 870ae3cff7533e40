//! Where an order stands on the board, and how it stands to the time that it has.

use clock::Timestamp;
use contracts::OrderStatus;

/// The column that an order stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    New,
    Cooking,
    OnTheWay,
}

/// How an order stands to the time that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    InTime,
    Soon,
    Late,
}

impl Stage {
    /// That of an order that moves on.
    pub(super) fn of(status: OrderStatus) -> Option<Self> {
        match status {
            OrderStatus::Placed => Some(Self::New),
            OrderStatus::Accepted | OrderStatus::Preparing => Some(Self::Cooking),
            OrderStatus::OnTheWay => Some(Self::OnTheWay),
            OrderStatus::AwaitingPayment
            | OrderStatus::Delivered
            | OrderStatus::Rejected
            | OrderStatus::Cancelled
            | OrderStatus::PaymentFailed => None,
        }
    }

    /// The word by which the script knows it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Cooking => "cooking",
            Self::OnTheWay => "on-the-way",
        }
    }
}

impl Pace {
    pub(super) fn at(now: Timestamp, (soon_at, late_at): (Timestamp, Timestamp)) -> Self {
        if now >= late_at {
            Self::Late
        } else if now >= soon_at {
            Self::Soon
        } else {
            Self::InTime
        }
    }

    /// The class of its ticket.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::InTime => "",
            Self::Soon => " soon",
            Self::Late => " late",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_soon_late_and_then_late() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        let times = (at(300), at(480));

        let paces = [0, 299, 300, 479, 480, 900].map(|seconds| Pace::at(at(seconds), times));

        assert_eq!(paces, [Pace::InTime, Pace::InTime, Pace::Soon, Pace::Soon, Pace::Late, Pace::Late]);
    }
}
