//! What an order is, what it costs, for when it is, and how it moves.

mod audience;
mod board;
mod checkout;
mod code;
mod coupon;
mod due;
mod earnings;
mod fulfilment;
mod kitchen;
mod minutes;
mod money;
mod reason;
mod status;

pub(crate) use audience::{Audience, MOST_SHOWN, SHOWN_WINDOW, UNPLACED, was_placed};
pub(crate) use board::BoardView;
pub(crate) use checkout::{Checkout, CheckoutItem};
pub(crate) use code::OrderCode;
pub(crate) use coupon::{CouponCode, CouponRefusal, Uses, check as check_coupon, worth};
pub(crate) use due::{Due, DueRefusal, due};
pub(crate) use earnings::{EarningsPeriod, Period, day_of, midnight};
pub(crate) use fulfilment::Fulfilment;
pub(crate) use kitchen::{KITCHEN_ETA, KITCHEN_WINDOW, is_turned_down, kitchen_delay, kitchen_step};
pub(crate) use minutes::Minutes;
pub(crate) use money::{DeliveryCost, LineCost, OrderCost, cost, subtotal};
pub(crate) use reason::{GivenReason, HumanReason, Reason, ReasonText};
pub(crate) use status::{CANCEL_WINDOW, DELIVERY_TIMEOUT, MOST_DELAYS, PAYMENT_TIMEOUT, Step};
