//! Orders as they move: what changes is reported to who watches, in this process and in every other.
//!
//! A commit reports the order to this process, which hands it on to those who watch here and appends it to a feed that the other
//! processes follow. What is shown is read from the database, so a report that comes twice or late shows nothing old. A process that
//! dies between commit and report, and a store that is away, are made up for by reading what has changed lately.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use database::WriteTransaction;
use ephemeral::Position;
use kit::FailureStreak;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::full_order::{FullOrder, complete};
use crate::error::CartError;
use crate::live::{LiveOrder, OrderReport, SEARCH_WINDOW, Shown, ShownOrder, Unseen, Watch};
use crate::model::Audience;
use crate::state::Carts;
use crate::store;
use crate::store::live::ChangedOrder;
use crate::store::order::Order;

/// The feed that says to every process which orders have changed.
const FEED: &str = "feed:orders";
/// Who is further behind reads what it watches anew.
const FEED_RETENTION: Duration = Duration::from_secs(60);
/// How long one poll of the feed waits for news.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the next poll, or the next read, waits after one that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is asked whether changes have to be searched for.
pub(crate) const SEARCH_INTERVAL: Duration = Duration::from_secs(1);
/// When all have to read anew, they do so within this time.
const RENEWAL_WINDOW: Duration = Duration::from_secs(1);
/// What commits report.
const REPORTS: &str = "orders";
/// Orders that are read at a time.
const BATCH: usize = 100;
/// Changes of which a search reads at a time that there were.
const SEARCH_BATCH: u64 = 1_000;

/// Makes of an order what is shown to whoever watches it.
pub(crate) type Render = fn(FullOrder) -> LiveOrder;

/// Somebody who watches orders.
pub(crate) struct Watching {
    watch: Watch,
    shown: Shown,
    first: Option<News>,
}

/// What is said to whoever watches.
#[derive(Debug)]
pub(crate) enum News {
    /// They have seen all that there is.
    Unchanged,
    /// All that there is.
    Snapshot(Vec<FullOrder>),
    /// An order has changed.
    Order(Arc<LiveOrder>),
}

/// Reports the order, as it is now, once the transaction is committed.
pub(super) fn report(tx: &WriteTransaction, order: &Order) {
    let report = serde_json::to_vec(&report_of(order)).expect("ids and a number are JSON");
    tx.report(REPORTS, &report);
}

fn report_of(order: &Order) -> OrderReport {
    let Order { public_id, user_id, restaurant_id, version, .. } = *order;
    OrderReport { order_id: public_id, user_id, restaurant_id, version }
}

/// Watches from now on. Who has seen the state named `last_state` is shown what changes after that. None where a diner has
/// nothing to watch: kitchens wait for what comes.
pub(crate) async fn watch(
    carts: &Carts,
    audience: Audience,
    last_state: Option<&str>,
) -> Result<Option<Watching>, CartError> {
    // Before anything is read: what changes meanwhile comes into the inbox.
    let watch = carts.live.watch(audience);
    let _turn = carts.live.turn_to_read().await;
    let orders = store::live::list_shown(&carts.context.database, audience, carts.context.now()).await?;
    let mut shown = shown_of(&orders);
    if shown.is_empty() && matches!(audience, Audience::Diner(_)) {
        return Ok(None);
    }
    let is_known = last_state.is_some_and(|last| last == shown.state(carts.context.now()));
    let first =
        if is_known { News::Unchanged } else { News::Snapshot(complete(&carts.context.database, orders).await?) };
    Ok(Some(Watching { watch, shown, first: Some(first) }))
}

fn shown_of(orders: &[Order]) -> Shown {
    let shown = |order: &Order| ShownOrder { id: order.public_id, version: order.version, closed_at: order.closed_at };
    orders.iter().map(shown).collect()
}

impl Watching {
    /// What there is to say next, and the name of the state that is shown with it.
    pub(crate) async fn next(&mut self, carts: &Carts) -> (News, String) {
        let news = match self.first.take() {
            Some(first) => first,
            None => self.news(carts).await,
        };
        (news, self.shown.state(carts.context.now()))
    }

    async fn news(&mut self, carts: &Carts) -> News {
        loop {
            match self.watch.unseen().await {
                Unseen::Order(order) if self.shown.show(order.shown()) => return News::Order(order),
                Unseen::Order(_) => {}
                Unseen::All => {
                    // Not all at once.
                    let sources = &carts.context.sources;
                    sources.sleep(RENEWAL_WINDOW.mul_f64(sources.fraction())).await;
                    match self.read_anew(carts).await {
                        Ok(Some(orders)) => return News::Snapshot(orders),
                        Ok(None) => {}
                        Err(error) => {
                            tracing::debug!(%error, "orders that somebody watches can't be read");
                            sources.sleep(RETRY_INTERVAL).await;
                            self.watch.renew();
                        }
                    }
                }
            }
        }
    }

    /// All that is to be shown, unless it was seen.
    async fn read_anew(&mut self, carts: &Carts) -> Result<Option<Vec<FullOrder>>, CartError> {
        let (database, now) = (&carts.context.database, carts.context.now());
        let _turn = carts.live.turn_to_read().await;
        let orders = store::live::list_shown(database, self.watch.audience(), now).await?;
        let mut shown = shown_of(&orders);
        if shown.state(now) == self.shown.state(now) {
            return Ok(None);
        }
        let orders = complete(database, orders).await?;
        self.shown = shown;
        Ok(Some(orders))
    }
}

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
    while let Some(entries) = next_reports(&carts, &mut reports, &stop).await {
        let read: Vec<OrderReport> = entries.iter().filter_map(|entry| parse(entry)).collect();
        if let Err(error) = hand_on(&carts, render, &read).await {
            tracing::debug!(%error, "orders that somebody watches can't be read");
            carts.live.set_behind();
        }
    }
}

/// Says what `reports` say to every other process, until `stop`.
pub(crate) async fn publish_reports(carts: Arc<Carts>, mut reports: Receiver<Arc<[u8]>>, stop: CancellationToken) {
    let failures = FailureStreak::default();
    while let Some(entries) = next_reports(&carts, &mut reports, &stop).await {
        for entry in entries {
            match carts.context.ephemeral.append(FEED, &entry, FEED_RETENTION).await {
                Ok(_) if failures.ends() => tracing::info!("the feed of orders takes reports again"),
                Ok(_) => {}
                Err(error) if failures.begins() => {
                    tracing::warn!(%error, "the feed of orders takes no reports; other processes read what has changed");
                }
                Err(error) => tracing::debug!(%error, "the feed of orders still takes no reports"),
            }
        }
    }
}

/// The next reports, some at a time; none when it is time to stop.
async fn next_reports(
    carts: &Carts,
    reports: &mut Receiver<Arc<[u8]>>,
    stop: &CancellationToken,
) -> Option<Vec<Arc<[u8]>>> {
    let mut entries = Vec::new();
    match stop.run_until_cancelled(reports.recv()).await? {
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

/// Hands on what other processes report, until `stop`.
pub(crate) async fn follow_feed(carts: Arc<Carts>, render: Render, stop: CancellationToken) {
    let (mut after, failures) = (Position::START, FailureStreak::default());
    loop {
        let followed = carts.context.ephemeral.follow(FEED, after, POLL_TIMEOUT);
        let Some(followed) = stop.run_until_cancelled(followed).await else { return };
        carts.live.set_feed_away(followed.is_err());
        match followed {
            Ok(page) => {
                if failures.ends() {
                    tracing::info!("the feed of orders answers again");
                    carts.live.set_behind();
                }
                if page.gap {
                    carts.live.renew_all();
                }
                let last = page.entries.last().map_or(after, |(position, _)| *position);
                after = if page.gap { Position::START } else { last };
                let reports: Vec<OrderReport> = page.entries.iter().filter_map(|(_, entry)| parse(entry)).collect();
                if let Err(error) = hand_on(&carts, render, &reports).await {
                    tracing::debug!(%error, "orders that somebody watches can't be read");
                    carts.live.set_behind();
                }
            }
            Err(error) => {
                if failures.begins() {
                    tracing::warn!(%error, "the feed of orders does not answer; what has changed is read each second");
                }
                stop.run_until_cancelled(carts.context.sources.sleep(RETRY_INTERVAL)).await;
            }
        }
    }
}

/// Hands on what has changed lately and was not reported, if it is time to search for that.
pub(crate) async fn search_changes(carts: &Carts, render: Render) -> Result<(), CartError> {
    let now = carts.context.now();
    carts.live.trim(now);
    if !carts.live.is_search_due(now) {
        return Ok(());
    }
    carts.live.begin_search();
    let found = search_since(carts, render, carts.live.searched_up_to(now) - SEARCH_WINDOW).await;
    match &found {
        Ok(()) => carts.live.end_search(now),
        Err(_) => carts.live.set_behind(),
    }
    found
}

async fn search_since(carts: &Carts, render: Render, since: Timestamp) -> Result<(), CartError> {
    let (mut after, until) = ((since, 0), carts.context.now() + SEARCH_WINDOW);
    loop {
        let changed = store::live::list_changed(&carts.context.database, (after, until), SEARCH_BATCH).await?;
        let reports: Vec<OrderReport> = changed.iter().map(reported).collect();
        hand_on(carts, render, &reports).await?;
        match changed.last() {
            Some(last) if changed.len() as u64 >= SEARCH_BATCH => after = (last.changed_at, last.id),
            Some(_) | None => return Ok(()),
        }
    }
}

fn reported(changed: &ChangedOrder) -> OrderReport {
    let ChangedOrder { public_id, user_id, restaurant_id, version, .. } = *changed;
    OrderReport { order_id: public_id, user_id, restaurant_id, version }
}

/// Reads those of the orders that somebody watches and has not seen so, and hands them on.
async fn hand_on(carts: &Carts, render: Render, reports: &[OrderReport]) -> Result<(), CartError> {
    let database = &carts.context.database;
    for wanted in carts.live.wanted(reports).chunks(BATCH) {
        let orders = store::live::list(database, wanted.to_vec()).await?;
        for order in complete(database, orders).await? {
            carts.live.hand_on(render(order), carts.context.now());
        }
    }
    Ok(())
}

fn parse(entry: &[u8]) -> Option<OrderReport> {
    serde_json::from_slice(entry).inspect_err(|error| tracing::error!(%error, "a report can't be read")).ok()
}
