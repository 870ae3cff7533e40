//! Somebody who watches orders: all that there are, some at a time, and then each that changes.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Bytes;
use clock::Timestamp;
use contracts::Locale;

use super::reading::{has_come, read};
use super::{RETRY_INTERVAL, Render, report_of, report_of_watched};
use crate::actions::full_order::FullOrder;
use crate::error::CartError;
use crate::live::{OrderReport, Shown, ShownOrder, Unseen, Watch};
use crate::model::Audience;
use crate::state::Carts;
use crate::store;
use crate::store::live::WatchedOrder;

/// When all have to read anew, they do so within this time.
const RENEWAL_WINDOW: Duration = Duration::from_secs(1);
/// Orders that are read at a time.
const ORDERS_OF_A_PART: usize = 20;
/// Once a part has so many bytes it is full. What was read beyond that is read again for the next one.
const BYTES_OF_A_PART: usize = 32 * 1024;

/// Somebody who watches orders.
pub(crate) struct Watching {
    watch: Watch,
    locale: Locale,
    render: Render,
    shown: Shown,
    next: Next,
}

/// What there is to say next.
enum Next {
    /// That they have seen it all.
    Unchanged,
    /// All that there is.
    Snapshot(Rest),
    /// What changes.
    News,
}

/// What is left of all that there is.
struct Rest {
    orders: VecDeque<OrderReport>,
    is_begun: bool,
    is_any_said: bool,
}

/// What is said to whoever watches.
#[derive(Debug)]
pub(crate) enum News {
    /// They have seen all that there is, whose state is called so.
    Unchanged(String),
    /// Some of all that there is.
    Snapshot(SnapshotPart),
    /// An order has changed; how the state is called now.
    Order(Bytes, String),
}

/// Some of all orders that there are.
#[derive(Debug)]
pub(crate) struct SnapshotPart {
    /// Whether this is the first part.
    pub(crate) is_first: bool,
    /// Whether parts before it had orders.
    pub(crate) follows_others: bool,
    pub(crate) orders: Vec<Bytes>,
    /// How the state is called, with the last part.
    pub(crate) state: Option<String>,
}

/// Watches from now on. Who has seen the state named `last_state` is shown what changes after that. None where a diner has
/// nothing to watch: kitchens wait for what comes.
pub(crate) async fn watch(
    carts: &Carts,
    audience: Audience,
    last_state: Option<&str>,
    (locale, render): (Locale, Render),
) -> Result<Option<Watching>, CartError> {
    // Before anything is read: what changes meanwhile comes into the inbox.
    let watch = carts.live.watch(audience);
    let orders = list_shown(carts, audience).await?;
    let mut shown = shown_of(&orders);
    if shown.is_empty() && matches!(audience, Audience::Diner(_)) {
        return Ok(None);
    }
    let is_known = last_state.is_some_and(|last| last == shown.state(carts.context.now()));
    let next = if is_known { Next::Unchanged } else { Next::Snapshot(Rest::of(&orders)) };
    let shown = if is_known { shown } else { Shown::default() };
    Ok(Some(Watching { watch, locale, render, shown, next }))
}

async fn list_shown(carts: &Carts, audience: Audience) -> database::Result<Vec<WatchedOrder>> {
    let _turn = carts.live.turn_to_read().await;
    store::live::list_shown(&carts.context.database, audience, carts.context.now()).await
}

fn shown_of(orders: &[WatchedOrder]) -> Shown {
    orders.iter().map(|order| shown_order(report_of_watched(order), order.closed_at)).collect()
}

fn shown_order(report: OrderReport, closed_at: Option<Timestamp>) -> ShownOrder {
    ShownOrder { id: report.order_id, revision: report.revision, closed_at }
}

impl Watching {
    /// What there is to say next. What it takes to read is held no longer than that takes: very many wait here.
    pub(crate) async fn next(&mut self, carts: &Carts) -> News {
        loop {
            match std::mem::replace(&mut self.next, Next::News) {
                Next::Unchanged => return News::Unchanged(self.shown.state(carts.context.now())),
                Next::Snapshot(rest) => return News::Snapshot(Box::pin(self.next_part(carts, rest)).await),
                Next::News => {}
            }
            match self.watch.unseen().await {
                Unseen::Order(order) => {
                    if self.shown.show(order.shown()) {
                        return self.changed(carts, order.body(self.locale));
                    }
                }
                Unseen::Changed(report) => {
                    if let Some(order) = Box::pin(self.read_changed(carts, report)).await {
                        return self.changed(carts, order);
                    }
                }
                Unseen::All => Box::pin(self.begin_anew(carts)).await,
            }
        }
    }

    fn changed(&mut self, carts: &Carts, order: Bytes) -> News {
        News::Order(order, self.shown.state(carts.context.now()))
    }

    /// Some of what is left, however long that takes.
    async fn next_part(&mut self, carts: &Carts, mut rest: Rest) -> SnapshotPart {
        let (is_first, follows_others) = (!rest.is_begun, rest.is_any_said);
        let mut orders = Vec::new();
        while let Err(error) = self.read_part(carts, &mut rest, &mut orders).await {
            tracing::debug!(%error, "orders that somebody watches can't be read");
            carts.context.sources.sleep(RETRY_INTERVAL).await;
        }
        let is_last = rest.orders.is_empty();
        rest = Rest { is_begun: true, is_any_said: follows_others || !orders.is_empty(), ..rest };
        self.next = if is_last { Next::News } else { Next::Snapshot(rest) };
        let state = is_last.then(|| self.shown.state(carts.context.now()));
        SnapshotPart { is_first, follows_others, orders, state }
    }

    async fn read_part(&mut self, carts: &Carts, rest: &mut Rest, part: &mut Vec<Bytes>) -> database::Result<()> {
        let mut bytes = part.iter().map(Bytes::len).sum::<usize>();
        let _turn = carts.live.turn_to_read().await;
        while bytes < BYTES_OF_A_PART && !rest.orders.is_empty() {
            let reports: Vec<OrderReport> = rest.orders.iter().take(ORDERS_OF_A_PART).copied().collect();
            let mut orders = read(carts, &reports).await?;
            for report in reports {
                if bytes >= BYTES_OF_A_PART {
                    break;
                }
                rest.orders.pop_front();
                if let Some(order) = orders.remove(&report.order_id).and_then(|order| self.show(&order)) {
                    bytes += order.len();
                    part.push(order);
                }
            }
        }
        Ok(())
    }

    /// The order that has changed, unless it was seen or can't be read; however long that takes.
    async fn read_changed(&mut self, carts: &Carts, report: OrderReport) -> Option<Bytes> {
        loop {
            let turn = carts.live.turn_to_read().await;
            match read(carts, &[report]).await {
                Ok(mut orders) => return orders.remove(&report.order_id).and_then(|order| self.show(&order)),
                Err(error) => tracing::debug!(%error, "an order that somebody watches can't be read"),
            }
            drop(turn);
            carts.context.sources.sleep(RETRY_INTERVAL).await;
        }
    }

    /// The order as it is shown, if it is any news.
    fn show(&mut self, order: &FullOrder) -> Option<Bytes> {
        let is_shown = self.watch.audience().is_shown(has_come(order));
        let state = shown_order(report_of(&order.order), order.order.closed_at);
        (is_shown && self.shown.show(state)).then(|| (self.render)(order, self.locale))
    }

    /// Says all that there is once more, unless it was seen.
    async fn begin_anew(&mut self, carts: &Carts) {
        let sources = &carts.context.sources;
        // Not all at once.
        sources.sleep(RENEWAL_WINDOW.mul_f64(sources.fraction())).await;
        match list_shown(carts, self.watch.audience()).await {
            Ok(orders) => {
                let now = carts.context.now();
                if shown_of(&orders).state(now) != self.shown.state(now) {
                    (self.shown, self.next) = (Shown::default(), Next::Snapshot(Rest::of(&orders)));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "orders that somebody watches can't be read");
                sources.sleep(RETRY_INTERVAL).await;
                self.watch.renew();
            }
        }
    }
}

impl Rest {
    fn of(orders: &[WatchedOrder]) -> Self {
        Self { orders: orders.iter().map(report_of_watched).collect(), is_begun: false, is_any_said: false }
    }
}
