//! What a report says of orders.

use testkit::order_books::OrderTotals;

use crate::ledger::Promises;

/// Each figure, with its name.
pub(crate) fn figures(promises: &Promises, totals: OrderTotals) -> [(&'static str, i64); 9] {
    let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    [
        ("carts merged", count(promises.merges)),
        ("carts lost by a wipe", count(promises.lost_by_wipe.carts)),
        ("checkouts acknowledged", size(promises.orders.checkouts())),
        ("orders", size(totals.orders)),
        ("orders delivered", size(totals.delivered)),
        ("orders come to nothing", size(totals.came_to_nothing)),
        ("steps of orders", size(totals.steps)),
        ("kurus taken by card", totals.captured_kurus),
        ("kurus given back", totals.refunded_kurus),
    ]
}
