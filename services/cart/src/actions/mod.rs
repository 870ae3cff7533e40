//! What the service can do: one function per ability, each with a transaction of its own. Those that only events call are called
//! by their file.

pub(crate) mod address;
pub(crate) mod anonymous;
mod board;
mod carts;
pub(crate) mod catalog;
mod checkout;
pub(crate) mod contact;
mod discount;
mod due_movements;
mod due_orders;
mod full_order;
mod import_first_platform;
mod kitchens;
pub(crate) mod live;
pub(crate) mod merge;
mod movements;
mod order_basket;
mod order_mail;
mod orders;
pub(crate) mod payments;
mod quote;
mod reorder;
mod seed;
mod steps;
mod trim;

pub(crate) use board::{Board, MOST_OPEN, find_kitchen, find_order_of, list_earnings, list_restaurants, read_board};
pub(crate) use carts::{
    CurrentCart, add_item, add_units, clear_cart, current_cart, list_items, remove_item, update_item,
};
pub(crate) use checkout::{check_out, order_of};
pub(crate) use due_movements::{MOVEMENT_INTERVAL, go_on_with_movements};
pub(crate) use due_orders::{DUE_INTERVAL, expire_unpaid, step_due};
pub(crate) use full_order::FullOrder;
pub use import_first_platform::import_first_platform;
pub(crate) use kitchens::{KITCHEN_INTERVAL, work_kitchens};
pub(crate) use orders::{OrderReader, check_board, find_order, list_board, list_orders};
pub(crate) use quote::{Quote, quote};
pub(crate) use reorder::{Reorderable, Reordered, find_reorderable, reorder};
pub use seed::seed;
pub(crate) use steps::{AskedStep, delay_order, step_order};
pub(crate) use trim::{TRIM_INTERVAL, trim};
