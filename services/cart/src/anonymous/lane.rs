//! Who wants to change one cart waits in its lane. Nobody works there but those who wait: one of them takes the batches
//! forward for all, and hands that over when it is answered or leaves. So nothing goes on behind a client that is gone, and a
//! shutdown has nothing to wait for but requests.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::batch::{Batch, Waiting};
use super::{AnonymousError, AskedChange, CartStore};
use crate::model::anonymous::{CartId, Changed};

/// So many may wait for one cart.
const MAX_WAITING: usize = 1_024;
/// So many changes are written at once.
const MAX_BATCH: usize = 64;

/// A lane for each cart that somebody wants to change now.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<CartId, Occupied>>);

struct Occupied {
    lane: Arc<Lane>,
    /// With the last of them it goes.
    callers: usize,
}

#[derive(Default)]
struct Lane {
    waiting: Mutex<VecDeque<Waiting>>,
    /// The batch under way, which whoever holds the lock takes forward.
    at_work: tokio::sync::Mutex<Option<BoxFuture<'static, ()>>>,
}

/// Somebody in a lane, who leaves it when dropped.
struct Caller<'a> {
    lanes: &'a Lanes,
    id: CartId,
    lane: Arc<Lane>,
}

impl Lanes {
    pub(super) async fn change(
        &self,
        store: &CartStore,
        id: CartId,
        asked: AskedChange,
    ) -> Result<Changed, AnonymousError> {
        let caller = self.enter(id);
        let mut answered = caller.lane.wait(asked)?;
        tokio::select! {
            biased;
            answer = &mut answered => return answer.unwrap_or(Err(AnonymousError::Unavailable)),
            () = caller.lane.work(store, id) => {}
        }
        // Its lane is empty, so it was answered; or its batch panicked.
        answered.await.unwrap_or(Err(AnonymousError::Unavailable))
    }

    fn enter(&self, id: CartId) -> Caller<'_> {
        let mut lanes = lock(&self.0);
        let occupied = lanes.entry(id).or_insert_with(|| Occupied { lane: Arc::default(), callers: 0 });
        occupied.callers += 1;
        Caller { lanes: self, id, lane: Arc::clone(&occupied.lane) }
    }

    #[cfg(test)]
    pub(super) fn are_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        let mut lanes = lock(&self.lanes.0);
        let Some(occupied) = lanes.get_mut(&self.id) else { return };
        occupied.callers -= 1;
        if occupied.callers == 0 {
            lanes.remove(&self.id);
        }
    }
}

impl Lane {
    fn wait(&self, asked: AskedChange) -> Result<oneshot::Receiver<Result<Changed, AnonymousError>>, AnonymousError> {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= MAX_WAITING {
            waiting.retain(|waiting| !waiting.answer.is_closed());
        }
        if waiting.len() >= MAX_WAITING {
            return Err(AnonymousError::Unavailable);
        }
        let (answer, answered) = oneshot::channel();
        waiting.push_back(Waiting { asked, answer });
        Ok(answered)
    }

    /// Takes batches forward until nobody waits.
    async fn work(&self, store: &CartStore, id: CartId) {
        let mut at_work = self.at_work.lock().await;
        loop {
            let batch = match &mut *at_work {
                Some(batch) => batch,
                None => match self.next_batch() {
                    Some(waiting) => at_work.insert(Batch::new(store.clone(), id, waiting).run().boxed()),
                    None => return,
                },
            };
            let ended = AssertUnwindSafe(batch).catch_unwind().await;
            *at_work = None;
            if let Err(panic) = ended {
                resume_unwind(panic);
            }
            // Whoever works here may be answered by now, and leaves the rest to others.
            tokio::task::yield_now().await;
        }
    }

    /// The next changes, without those of clients that are gone.
    fn next_batch(&self) -> Option<Vec<Waiting>> {
        let mut waiting = lock(&self.waiting);
        let mut batch = Vec::new();
        while batch.len() < MAX_BATCH {
            let Some(next) = waiting.pop_front() else { break };
            if !next.answer.is_closed() {
                batch.push(next);
            }
        }
        (!batch.is_empty()).then_some(batch)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
