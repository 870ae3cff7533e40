//! What somebody who watches has not seen yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::OrderId;
use tokio::sync::Notify;

use super::LiveOrder;
use crate::model::MOST_SHOWN;

/// The newest state of each order that has changed since the last time.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    orders: BTreeMap<OrderId, Arc<LiveOrder>>,
    /// Everything has to be read anew.
    is_stale: bool,
}

/// What has changed.
#[derive(Debug)]
pub(crate) enum Unseen {
    /// One order.
    Order(Arc<LiveOrder>),
    /// Anything: it has to be read.
    All,
}

impl Inbox {
    pub(super) fn put(&self, order: &Arc<LiveOrder>) {
        let mut waiting = self.lock();
        if waiting.is_stale {
            return;
        }
        let id = order.report.order_id;
        if waiting.orders.get(&id).is_none_or(|before| before.report.version < order.report.version) {
            waiting.orders.insert(id, Arc::clone(order));
        }
        if waiting.orders.len() as u64 > MOST_SHOWN {
            *waiting = Waiting { orders: BTreeMap::new(), is_stale: true };
        }
        drop(waiting);
        self.filled.notify_one();
    }

    pub(super) fn renew(&self) {
        *self.lock() = Waiting { orders: BTreeMap::new(), is_stale: true };
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
        let mut waiting = self.lock();
        if std::mem::take(&mut waiting.is_stale) {
            return Some(Unseen::All);
        }
        waiting.orders.pop_first().map(|(_, order)| Unseen::Order(order))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
