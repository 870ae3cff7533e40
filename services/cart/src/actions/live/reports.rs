//! What the commits of this process report.

use std::sync::Arc;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::reading::{live, read};
use super::{BATCH, REPORTS, Render};
use crate::live::OrderReport;
use crate::state::Carts;

/// Orders that are read at a time.
const ORDERS_OF_A_READ: usize = 20;

/// What the commits of this process report from now on.
pub(crate) fn reports(carts: &Carts) -> Receiver<Arc<[u8]>> {
    carts.context.database.reports_of(REPORTS)
}

/// Hands on what `reports` say, until `stop`.
pub(crate) async fn hand_on_reports(
    carts: Arc<Carts>,
    render: Render,
    mut reports: Receiver<Arc<[u8]>>,
    stop: CancellationToken,
) {
    while let Some(Some(entries)) = stop.run_until_cancelled(next_reports(&carts, &mut reports)).await {
        let read: Vec<OrderReport> = entries.iter().filter_map(|entry| parse(entry)).collect();
        hand_on_or_search(&carts, render, &read).await;
    }
}

/// The next reports, some at a time; none where nobody reports any more.
pub(super) async fn next_reports(carts: &Carts, reports: &mut Receiver<Arc<[u8]>>) -> Option<Vec<Arc<[u8]>>> {
    let mut entries = Vec::new();
    match reports.recv().await {
        Ok(entry) => entries.push(entry),
        Err(RecvError::Lagged(_)) => carts.live.set_behind(),
        Err(RecvError::Closed) => return None,
    }
    while entries.len() < BATCH
        && let Ok(entry) = reports.try_recv()
    {
        entries.push(entry);
    }
    Some(entries)
}

/// Hands on those of the orders that somebody watches, or lets them be searched for where they can't be read.
pub(super) async fn hand_on_or_search(carts: &Carts, render: Render, reports: &[OrderReport]) {
    if let Err(error) = hand_on(carts, render, reports).await {
        tracing::debug!(%error, "orders that somebody watches can't be read");
        carts.live.set_behind();
    }
}

/// Reads those of the orders that somebody watches and has not seen so, and hands them on.
pub(super) async fn hand_on(carts: &Carts, render: Render, reports: &[OrderReport]) -> database::Result<()> {
    for wanted in carts.live.wanted(reports).chunks(ORDERS_OF_A_READ) {
        for order in read(carts, wanted).await?.values() {
            carts.live.hand_on(live(order, render), carts.context.now());
        }
    }
    Ok(())
}

pub(super) fn parse(entry: &[u8]) -> Option<OrderReport> {
    serde_json::from_slice(entry).inspect_err(|error| tracing::error!(%error, "a report can't be read")).ok()
}
