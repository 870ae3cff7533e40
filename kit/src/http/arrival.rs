//! How far the body of a request has come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::connection_slots::ConnectionSlot;

/// What a client has to send within the time that it is waited for. Less would let one send byte by byte.
const PROGRESS: usize = 4 * 1024;

/// What is known of the body that is followed; clones know the same.
#[derive(Clone, Default)]
pub(super) struct Arrival(Arc<State>);

#[derive(Default)]
struct State {
    is_awaited: AtomicBool,
    is_unread: AtomicBool,
    slot: Option<Arc<ConnectionSlot>>,
}

impl Arrival {
    /// The bodies of a connection, whose slot learns when its client is waited for.
    pub(super) fn on(slot: Arc<ConnectionSlot>) -> Self {
        Self(Arc::new(State { slot: Some(slot), ..State::default() }))
    }

    /// Follows `body` from now on, and no other one.
    pub(super) fn follow(&self, body: Body) -> Body {
        self.0.is_awaited.store(false, Ordering::Relaxed);
        self.0.is_unread.store(!body.is_end_stream(), Ordering::Relaxed);
        Body::new(Followed { body, arrival: self.clone(), awaited_since: None, received: 0 })
    }

    /// Something came on the connection, of which nobody knows yet what it is.
    pub(super) fn begin(&self) {
        self.0.is_unread.store(true, Ordering::Relaxed);
    }

    /// Whether a route waits for more than the client has sent.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.is_awaited.load(Ordering::Relaxed)
    }

    /// Whether more of it may come, which nobody reads.
    pub(super) fn is_unread(&self) -> bool {
        self.0.is_unread.load(Ordering::Relaxed)
    }
}

struct Followed {
    body: Body,
    arrival: Arrival,
    awaited_since: Option<Instant>,
    /// How much came since then.
    received: usize,
}

impl Followed {
    fn set_awaited(&mut self, since: Option<Instant>) {
        if self.awaited_since == since {
            return;
        }
        (self.awaited_since, self.received) = (since, 0);
        if let Some(slot) = &self.arrival.0.slot {
            slot.set_awaited(since);
        }
    }
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let is_over = matches!(frame, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream();
        let State { is_awaited, is_unread, .. } = &*self.arrival.0;
        is_awaited.store(frame.is_pending(), Ordering::Relaxed);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            is_unread.store(false, Ordering::Relaxed);
        }
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.received += frame.data_ref().map_or(0, Bytes::len);
        }
        if is_over || self.received >= PROGRESS {
            self.set_awaited(None);
        } else if frame.is_pending() && self.awaited_since.is_none() {
            self.set_awaited(Some(Instant::now()));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.set_awaited(None);
    }
}
