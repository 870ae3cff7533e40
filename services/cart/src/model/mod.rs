//! What a cart is and what it costs, as rules that need neither store nor clock.

pub(crate) mod anonymous;
mod backoff;
mod catalog;
mod catalog_cache;
mod choice;
mod conflict;
mod item;
mod merge;
mod note;
mod options;
mod order;
mod payment;
mod price;
mod sandbox_token;
mod schedule_date;
mod undo;

pub(crate) use backoff::backoff;
pub(crate) use catalog::{Offer, RestaurantCopy};
pub(crate) use catalog_cache::CatalogCache;
pub(crate) use choice::{ChoiceRefusal, check_choice};
pub(crate) use conflict::{ConflictSide, LineChoice, RestaurantConflict};
pub(crate) use item::{ItemChange, MOST_LINES, MOST_OF_A_LINE, NewItem, OnConflict, QUANTITY_LIMIT, Quantity};
pub(crate) use merge::{
    AdjustedLine, GuestLine, KeptLine, LineBefore, LinesBefore, MergeId, MergePlan, MergeRefusal, MergeResult,
    MergeStrategy, PlannedLine, ResultLine,
};
pub(crate) use note::Note;
pub(crate) use options::{ChosenOption, LineId, Options};
pub(crate) use order::{
    Audience, BoardView, CANCEL_WINDOW, Checkout, CheckoutItem, CouponCode, CouponRefusal, DELIVERY_TIMEOUT,
    DeliveryCost, Due, DueRefusal, EarningsPeriod, Fulfilment, GivenReason, HumanReason, KITCHEN_ETA, KITCHEN_WINDOW,
    LineCost, MOST_DELAYS, MOST_SHOWN, Minutes, OrderCode, OrderCost, PAYMENT_TIMEOUT, Period, Reason, ReasonText,
    SHOWN_WINDOW, Step, UNPLACED, Uses, check_coupon, cost, day_of, due, is_turned_down, kitchen_delay, kitchen_step,
    midnight, subtotal, was_placed, worth,
};
pub(crate) use payment::{LOSS_TIMEOUT, MovementKind, PaymentId};
pub(crate) use price::{PricedCart, PricedLine, RestaurantNow, Unavailable, WantedLine, price};
pub(crate) use sandbox_token::SandboxToken;
pub(crate) use schedule_date::ScheduleDate;
pub(crate) use undo::{WouldBeLost, is_found, undo};
