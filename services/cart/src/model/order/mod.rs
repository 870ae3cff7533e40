//! What an order is, what it costs, for when it is, and how it moves.

mod code;
mod coupon;
mod due;
mod fulfilment;
mod money;
mod status;

pub(crate) use code::OrderCode;
pub(crate) use coupon::{CouponCode, CouponRefusal, Uses, check as check_coupon, worth};
pub(crate) use due::{Due, DueRefusal, due};
pub(crate) use fulfilment::Fulfilment;
pub(crate) use money::{DeliveryCost, LineCost, OrderCost, TooExpensive, cost, subtotal};
pub(crate) use status::{CANCEL_WINDOW, DELIVERY_TIMEOUT, Step};
