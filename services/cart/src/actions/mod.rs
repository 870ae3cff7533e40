//! What the service can do: one function per ability, each with a transaction of its own. Those that only events call are called
//! by their file.

pub(crate) mod address;
pub(crate) mod anonymous;
mod carts;
pub(crate) mod catalog;
mod checkout;
pub(crate) mod contact;
mod import_first_platform;
pub(crate) mod merge;
mod orders;
mod seed;

pub(crate) use carts::{CurrentCart, add_item, clear_cart, current_cart, list_items, remove_item, update_item};
pub(crate) use checkout::{Checkout, CheckoutItem, FullOrder, check_out};
pub(crate) use orders::{AskedStep, DUE_INTERVAL, Mover, find_order, list_orders, step_due, step_order};
pub use import_first_platform::import_first_platform;
pub use seed::seed;
