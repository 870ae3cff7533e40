//! A store and a database in which nothing happens until a schedule says so.

use std::future::poll_fn;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use clock::Sources;
use ephemeral::{EphemeralError, EphemeralStore, Expiring, Result, Swap};

use crate::testing::InFront;

/// Whoever comes here waits until it is polled again.
#[derive(Clone, Default)]
pub(super) struct Gate {
    was_reached: Arc<AtomicBool>,
    is_shut: bool,
}

impl Gate {
    /// Nobody gets through.
    pub(super) fn shut() -> Self {
        Self { is_shut: true, ..Self::default() }
    }

    pub(super) async fn pass(&self) {
        let mut has_waited = false;
        poll_fn(|_| {
            if mem::replace(&mut has_waited, true) && !self.is_shut {
                return Poll::Ready(());
            }
            self.was_reached.store(true, Ordering::Relaxed);
            Poll::Pending
        })
        .await;
    }

    /// Whether somebody has come since it was asked last.
    pub(super) fn was_reached(&self) -> bool {
        self.was_reached.swap(false, Ordering::Relaxed)
    }
}

/// Whether a swap looks at what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lease {
    Checked,
    Unchecked,
}

/// The command of somebody who has given up on its answer.
pub(super) struct Late {
    key: String,
    expected: Option<Vec<u8>>,
    new: Option<(Vec<u8>, Duration)>,
    /// A swap, else a put.
    is_swap: bool,
}

/// A store at the end of a line on which, now and then, a command or its answer is lost, or a command comes late.
pub(super) struct Stepped {
    pub(super) store: Arc<dyn EphemeralStore>,
    pub(super) gate: Gate,
    pub(super) random: Sources,
    pub(super) lease: Lease,
    pub(super) late: Mutex<Vec<Late>>,
    /// Fills that found their lease gone.
    pub(super) refused_fills: Arc<AtomicU32>,
}

impl Stepped {
    pub(super) fn draw(&self, below: u32) -> u32 {
        u32::from_be_bytes(self.random.bytes()) % below
    }

    /// Carries out one of the commands that are late.
    pub(super) async fn deliver_late(&self) {
        let late = self.late.lock().unwrap().pop();
        let Some(Late { key, expected, new, is_swap }) = late else { return };
        let new = new.as_ref().map(|(value, ttl)| Expiring { value, ttl: *ttl });
        if is_swap {
            self.swap_now(&key, expected.as_deref(), new).await.unwrap();
        } else {
            let new = new.expect("a put has something to put");
            self.store.put(&key, new.value, new.ttl).await.unwrap();
        }
    }

    async fn swap_now(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        if self.lease == Lease::Unchecked && expected.is_some() {
            let new = new.unwrap_or(Expiring { value: b"", ttl: Duration::ZERO });
            return self.store.put(key, new.value, new.ttl).await.map(|()| Swap::Done);
        }
        self.store.swap(key, expected, new).await
    }

    async fn on_the_line<T>(&self, late: Late, command: impl Future<Output = Result<T>>) -> Result<T> {
        self.gate.pass().await;
        let lost = || Err(EphemeralError::Unavailable("the line was cut".into()));
        match self.draw(20) {
            0 => lost(),
            1 => command.await.and_then(|_| lost()),
            2 => {
                self.late.lock().unwrap().push(late);
                lost()
            }
            _ => {
                let answer = command.await;
                self.gate.pass().await;
                answer
            }
        }
    }
}

#[async_trait]
impl InFront for Stepped {
    fn behind(&self) -> &dyn EphemeralStore {
        &*self.store
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.gate.pass().await;
        let value = self.store.get(key).await;
        self.gate.pass().await;
        value
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        assert_eq!(value.is_empty(), ttl.is_zero(), "the cache puts leases, and removes");
        let late = Late { key: key.to_owned(), expected: None, new: Some((value.to_vec(), ttl)), is_swap: false };
        self.on_the_line(late, self.store.put(key, value, ttl)).await
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        let late = Late {
            key: key.to_owned(),
            expected: expected.map(<[u8]>::to_vec),
            new: new.map(|new| (new.value.to_vec(), new.ttl)),
            is_swap: true,
        };
        let swap = self.on_the_line(late, self.swap_now(key, expected, new)).await?;
        if expected.is_some() && swap != Swap::Done {
            self.refused_fills.fetch_add(1, Ordering::Relaxed);
        }
        Ok(swap)
    }
}
