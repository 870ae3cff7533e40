//! Work that is done once for all who ask for it at about the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

/// What is under way, by key. Whoever comes while work goes on does not take its result, which may be of before a change
/// that was acknowledged by now: all who come meanwhile share the work that begins next.
///
/// The work goes on as long as anybody waits for it, whoever of them began it, and ends when the last one leaves.
pub(super) struct Flights<O>(Arc<Mutex<Board<O>>>);

struct Board<O> {
    last_by_key: HashMap<String, Listed<O>>,
    listed: u64,
}

/// The last flight of a key: it is under way, or it begins when the one before it has ended.
struct Listed<O> {
    number: u64,
    has_begun: bool,
    flight: WeakShared<BoxFuture<'static, O>>,
}

/// Takes a flight from the board when it has ended or nobody waits for it any more.
struct Listing<O> {
    board: Arc<Mutex<Board<O>>>,
    key: String,
    number: u64,
}

impl<O> Clone for Flights<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O> Default for Flights<O> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Board { last_by_key: HashMap::new(), listed: 0 })))
    }
}

impl<O: Clone + Send + Sync + 'static> Flights<O> {
    /// The result of `work`, or of the same work for `key` that another asked for and that has not begun yet.
    pub(super) async fn join(&self, key: &str, work: BoxFuture<'static, O>) -> O {
        self.board(key, work).await
    }

    fn board(&self, key: &str, work: BoxFuture<'static, O>) -> Shared<BoxFuture<'static, O>> {
        let mut board = lock(&self.0);
        let before = match board.last_by_key.get(key).map(|last| (last.has_begun, last.flight.upgrade())) {
            Some((false, Some(flight))) => return flight,
            Some((true, before)) => before,
            Some((false, None)) | None => None,
        };
        board.listed += 1;
        let number = board.listed;
        let listing = Listing { board: Arc::clone(&self.0), key: key.to_owned(), number };
        let flight = async move {
            if let Some(before) = before {
                before.await;
            }
            listing.begin();
            work.await
        };
        let flight = flight.boxed().shared();
        let weak = flight.downgrade().expect("it has not ended before it began");
        board.last_by_key.insert(key.to_owned(), Listed { number, has_begun: false, flight: weak });
        flight
    }
}

impl<O> Listing<O> {
    fn begin(&self) {
        if let Some(listed) = self.listed(&mut lock(&self.board)) {
            listed.has_begun = true;
        }
    }

    fn listed<'a>(&self, board: &'a mut Board<O>) -> Option<&'a mut Listed<O>> {
        board.last_by_key.get_mut(&self.key).filter(|listed| listed.number == self.number)
    }
}

impl<O> Drop for Listing<O> {
    fn drop(&mut self) {
        let mut board = lock(&self.board);
        if self.listed(&mut board).is_some() {
            board.last_by_key.remove(&self.key);
        }
    }
}

#[cfg(test)]
impl<O> Flights<O> {
    pub(super) fn are_none(&self) -> bool {
        lock(&self.0).last_by_key.is_empty()
    }
}

fn lock<O>(board: &Mutex<Board<O>>) -> MutexGuard<'_, Board<O>> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
