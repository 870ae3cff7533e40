//! What it costs to order, and to read orders: beside the bare statements of the same transaction, with one coupon for everybody, and
//! with years of orders in the tables.
//!
//! Everybody pays in cash and orders two meals at a restaurant of their own, which has slots; they live somewhere, get mail and have a
//! cart of that restaurant. Each request has a key of its own, so that none is a repeat.

mod checkout;
mod crowd;
mod customer;
mod growth;
mod kitchen;
mod lists;

pub(crate) use checkout::{embedded, on_servers};
pub(crate) use customer::Customer;
pub(crate) use growth::{grow_embedded, grow_on_servers};
pub(crate) use kitchen::{Kitchen, make_owner, open_kitchens};

/// As many order at a time.
const CLIENTS: usize = 32;
