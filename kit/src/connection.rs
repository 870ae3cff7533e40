//! The connection that a request came on, as far as whoever answers it has to know: it stands among the request's extensions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// A connection; clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection {
    gives_way: CancellationToken,
    given_up: CancellationToken,
    is_streaming: Arc<AtomicBool>,
}

/// What is answered on the connection goes on: it counts among the streams of its client as long as this lasts.
pub(crate) struct Streaming(Connection);

impl Connection {
    /// One that ends with `closing` as well, once it is idle.
    pub(crate) fn within(closing: &CancellationToken) -> Self {
        Self { gives_way: closing.child_token(), ..Self::default() }
    }

    /// When the connection is to end, once it is idle.
    pub(crate) fn gives_way(&self) -> &CancellationToken {
        &self.gives_way
    }

    /// When the connection is to end although a request is on it: its client is not waited for any longer.
    pub(crate) fn given_up(&self) -> &CancellationToken {
        &self.given_up
    }

    /// Ends the connection, whatever is on it.
    pub(crate) fn give_up(&self) {
        self.given_up.cancel();
        self.gives_way.cancel();
    }

    /// Whether what is answered on it goes on.
    pub(crate) fn is_streaming(&self) -> bool {
        self.is_streaming.load(Ordering::Relaxed)
    }

    /// What is answered goes on from now on.
    pub(crate) fn stream(&self) -> Streaming {
        self.is_streaming.store(true, Ordering::Relaxed);
        Streaming(self.clone())
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.is_streaming.store(false, Ordering::Relaxed);
    }
}
