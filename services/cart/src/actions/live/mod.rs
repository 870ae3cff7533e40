//! Orders as they move: what changes is reported to who watches, in this process and in every other.
//!
//! A commit reports the order to this process, which hands it on to those who watch here and appends it to a feed that the other
//! processes follow. What is shown is read from the database, so a report that comes twice or late shows nothing old. A process that
//! dies between commit and report, and a store that is away, are made up for by reading what has changed lately.

mod feed;
mod reading;
mod reports;
mod search;
mod watching;

use std::time::Duration;

use axum::body::Bytes;
use contracts::Locale;
use database::WriteTransaction;

use super::full_order::FullOrder;
use crate::live::{OrderReport, Revision};
use crate::store;
use crate::store::live::WatchedOrder;
use crate::store::order::Order;

pub(crate) use feed::{follow_feed, publish_reports};
pub(crate) use reports::{hand_on_reports, reports};
pub(crate) use search::{SEARCH_INTERVAL, search_changes};
pub(crate) use watching::{News, SnapshotPart, Watching, watch};

/// How long the next poll, or the next read, waits after one that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// What commits report.
const REPORTS: &str = "orders";
/// Reports that are taken at a time.
const BATCH: usize = 100;

/// Makes of an order what is shown to whoever watches it.
pub(crate) type Render = fn(&FullOrder, Locale) -> Bytes;

/// Reports the order, as it is now, once the transaction is committed.
pub(super) fn report(tx: &WriteTransaction, order: &Order) {
    let report = serde_json::to_vec(&report_of(order)).expect("ids and numbers are JSON");
    tx.report(REPORTS, &report);
}

/// Reports that what a card pays for the order has changed, which is no step of it. The caller has the order to itself.
pub(super) async fn report_payment(tx: &WriteTransaction, order_id: i64) -> database::Result<()> {
    if let Some(order) = store::order::find_by_number(tx, order_id).await? {
        // Whoever changed it last may have had a clock that is ahead.
        let changed_at = tx.now().max(order.changed_at + Duration::from_micros(1));
        store::order::touch(tx, order_id, changed_at).await?;
        report(tx, &Order { changed_at, ..order });
    }
    Ok(())
}

fn report_of(order: &Order) -> OrderReport {
    let Order { public_id, user_id, restaurant_id, version, changed_at, .. } = *order;
    OrderReport { order_id: public_id, user_id, restaurant_id, revision: Revision::new(version, changed_at) }
}

fn report_of_watched(order: &WatchedOrder) -> OrderReport {
    let WatchedOrder { public_id, user_id, restaurant_id, version, changed_at, .. } = *order;
    OrderReport { order_id: public_id, user_id, restaurant_id, revision: Revision::new(version, changed_at) }
}
