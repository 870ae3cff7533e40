//! What somebody who watches has not seen yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::OrderId;
use tokio::sync::Notify;

use super::{LiveOrder, OrderReport, Revision};
use crate::model::MOST_SHOWN;

/// So much of orders is held for who reads slowly: others are read again when it is their turn.
pub(super) const MOST_BYTES: usize = 32 * 1024;

/// The orders that have changed since the last time, the longest unseen first.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    turns: VecDeque<OrderId>,
    orders: HashMap<OrderId, Waits>,
    /// Of all orders that are held.
    bytes: usize,
    /// Everything has to be read anew.
    is_stale: bool,
}

/// An order in the newest state.
struct Waits {
    report: OrderReport,
    /// None where it has to be read again.
    held: Option<Arc<LiveOrder>>,
}

/// What has changed.
#[derive(Debug)]
pub(crate) enum Unseen {
    /// One order.
    Order(Arc<LiveOrder>),
    /// One order, which has to be read.
    Changed(OrderReport),
    /// Anything: it has to be read.
    All,
}

impl Inbox {
    pub(super) fn put(&self, order: &Arc<LiveOrder>) {
        self.lock().put(order);
        self.filled.notify_one();
    }

    pub(super) fn renew(&self) {
        *self.lock() = Waiting { is_stale: true, ..Waiting::default() };
        self.filled.notify_one();
    }

    pub(super) async fn take(&self) -> Unseen {
        loop {
            if let Some(unseen) = self.take_now() {
                return unseen;
            }
            self.filled.notified().await;
        }
    }

    fn take_now(&self) -> Option<Unseen> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// One that waits already keeps its turn, so that an order which changes all the time keeps no other waiting.
    fn put(&mut self, order: &Arc<LiveOrder>) {
        let id = order.report.order_id;
        if self.is_stale || self.revision(id).is_some_and(|before| before >= order.report.revision) {
            return;
        }
        let before = self.orders.remove(&id);
        match &before {
            Some(before) => self.bytes -= before.size(),
            None => self.turns.push_back(id),
        }
        if self.turns.len() as u64 > MOST_SHOWN {
            *self = Self { is_stale: true, ..Self::default() };
            return;
        }
        let held = (self.bytes + order.size() <= MOST_BYTES).then(|| Arc::clone(order));
        let waits = Waits { report: order.report, held };
        self.bytes += waits.size();
        self.orders.insert(id, waits);
    }

    fn take(&mut self) -> Option<Unseen> {
        if std::mem::take(&mut self.is_stale) {
            return Some(Unseen::All);
        }
        let id = self.turns.pop_front()?;
        let waits = self.orders.remove(&id)?;
        self.bytes -= waits.size();
        if self.turns.is_empty() {
            // What a crowd of orders took is given back.
            *self = Self::default();
        }
        Some(waits.held.map_or(Unseen::Changed(waits.report), Unseen::Order))
    }

    fn revision(&self, id: OrderId) -> Option<Revision> {
        self.orders.get(&id).map(|waits| waits.report.revision)
    }
}

impl Waits {
    fn size(&self) -> usize {
        self.held.as_ref().map_or(0, |order| order.size())
    }
}
