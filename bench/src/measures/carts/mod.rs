//! What adds to carts of nobody who is signed in cost, and reading them; and whether each unit that was answered is there.
//!
//! Carts hold eight meals, some two kilobytes of JSON, each meal up to 96 times; then the next cart is filled. Each measure counts
//! the units of all carts in the end and fails unless they are those that were answered.

mod embedded;
mod on_servers;
mod shelf;
mod shopper;

use std::time::Duration;

use anyhow::Result;
use database::Database;

use crate::store;

pub(crate) use embedded::embedded;
pub(crate) use on_servers::on_servers;
use shelf::{MEALS, Shelf};

/// As many add at a time.
const CLIENTS: usize = 32;
/// How long the slowest hundredth of adds may take, in milliseconds.
const MOST_WAIT: f64 = 25.0;
/// Carts by which it is told how much memory they take, and their lines, of one unit each.
const KEPT: u64 = 100_000;
const LINES: u64 = 3;
/// Until the server has done what follows its start, or all that work.
const QUIET: Duration = Duration::from_secs(3);

/// Lets the carts know what their meals cost.
async fn open_restaurant(database: &Database) -> Result<()> {
    let meals: Vec<_> = (0..MEALS).map(Shelf::meal).collect();
    store::cart::add_catalog(database, (Shelf::RESTAURANT, Shelf::RESTAURANT), &meals).await
}
