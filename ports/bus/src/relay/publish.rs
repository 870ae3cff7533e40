//! The log that rows of the outbox are copied to, as the relay sees it.

use std::fmt;
use std::future::Future;

use tokio::sync::mpsc::UnboundedSender;

use crate::model::relay::Ticket;
use crate::source::Arrival;

/// A log that keeps the order in which it is written: Kafka's producer, or the one that tests read.
pub(crate) trait Publish: Send + Sync + 'static {
    /// Queues `arrival` behind all that was sent before, and gives back its receipt once it knows what became of it. Its payload
    /// may be sealed.
    ///
    /// Order is all that matters here: an arrival may only be written if all that were sent before it were written or
    /// refused for itself. A producer that has to give one up for another reason fails all behind it with
    /// [`PublishError::TopicRefuses`] or [`PublishError::Fatal`].
    fn send(&self, arrival: &Arrival, receipt: Receipt);

    /// Forgets all that is queued and starts over, after a fatal error or before another process takes over.
    fn renew(&self) -> impl Future<Output = Result<(), PublishError>> + Send;

    /// A producer beside this one that sends one event at a time: what it is refused is refused for itself.
    fn one_at_a_time(&self) -> Self
    where
        Self: Sized;

    /// Lets the operator know why `topic` refuses its events, or that it does no more.
    fn note_refusal(&self, topic: &str, reason: Option<&str>);
}

/// Goes out with an arrival and comes back with what became of it. One that is lost says so.
#[derive(Debug)]
pub(crate) struct Receipt {
    ticket: Ticket,
    offset: i64,
    reports: UnboundedSender<Report>,
    is_back: bool,
}

/// What became of an arrival. The arrival itself is not kept for it: the relay reads it again in the rare case that it has to.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) ticket: Ticket,
    pub(super) offset: i64,
    pub(super) outcome: Result<(), PublishError>,
}

impl Receipt {
    pub(super) fn new(ticket: Ticket, offset: i64, reports: &UnboundedSender<Report>) -> Self {
        Self { ticket, offset, reports: reports.clone(), is_back: false }
    }

    /// Tells what became of the arrival.
    pub(crate) fn give_back(mut self, outcome: Result<(), PublishError>) {
        self.report(outcome);
    }

    fn report(&mut self, outcome: Result<(), PublishError>) {
        self.is_back = true;
        // Nobody may wait for it any more: the relay reads from its checkpoint again.
        let _ = self.reports.send(Report { ticket: self.ticket, offset: self.offset, outcome });
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if !self.is_back {
            self.report(Err(PublishError::Fatal("the producer was closed".to_owned())));
        }
    }
}

/// Why an arrival was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishError {
    /// This one can never be written, such as one that is too large; others can.
    Refused(String),
    /// Its topic takes nothing at present, or not this one together with others. Other topics do, after [`Publish::renew`].
    TopicRefuses(String),
    /// Nothing can be written any more until [`Publish::renew`].
    Fatal(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) | Self::TopicRefuses(reason) | Self::Fatal(reason) => f.write_str(reason),
        }
    }
}
