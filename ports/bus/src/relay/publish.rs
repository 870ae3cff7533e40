//! The log that rows of the outbox are copied to, as the relay sees it.

use std::fmt;
use std::future::Future;

use crate::source::Arrival;

/// A log that keeps the order in which it is written: Kafka's producer, or the one that tests look into.
pub(crate) trait Publish: Send + Sync + 'static {
    /// Queues `arrival` at once, before the future is polled, behind all that was sent before; the future tells what became
    /// of it and may be dropped. Its payload may be sealed.
    ///
    /// Order is all that matters here: an arrival may only be written if all that were sent before it were written or
    /// refused. A producer that has to give one up fails it and all behind it with [`PublishError::Fatal`].
    fn send(&self, arrival: &Arrival) -> impl Future<Output = Result<(), PublishError>> + Send + 'static;

    /// Forgets all that is queued and starts over, after a fatal error or before another process takes over.
    fn renew(&self) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Why an arrival was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishError {
    /// This one can never be written, such as one that is too large; others can.
    Refused(String),
    /// Nothing can be written any more until [`Publish::renew`].
    Fatal(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) | Self::Fatal(reason) => f.write_str(reason),
        }
    }
}
