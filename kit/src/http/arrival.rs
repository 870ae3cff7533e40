//! How far the body of a request has come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// What is known of the body that is followed; clones know the same.
#[derive(Clone, Default)]
pub(super) struct Arrival(Arc<State>);

#[derive(Default)]
struct State {
    is_awaited: AtomicBool,
    is_unread: AtomicBool,
}

impl Arrival {
    /// Follows `body` from now on, and no other one.
    pub(super) fn follow(&self, body: Body) -> Body {
        self.0.is_awaited.store(false, Ordering::Relaxed);
        self.0.is_unread.store(!body.is_end_stream(), Ordering::Relaxed);
        Body::new(Followed { body, arrival: self.clone() })
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
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let State { is_awaited, is_unread } = &*self.arrival.0;
        is_awaited.store(frame.is_pending(), Ordering::Relaxed);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            is_unread.store(false, Ordering::Relaxed);
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
