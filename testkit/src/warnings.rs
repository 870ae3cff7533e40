//! What a test was warned of.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::dispatcher::{DefaultGuard, Dispatch, set_default};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The warnings that this thread logs, on which all tasks of a test run, for as long as it lives.
pub struct Warnings {
    messages: Messages,
    _listening: DefaultGuard,
    _second: Dispatch,
}

#[derive(Clone, Default)]
struct Messages(Arc<Mutex<Vec<String>>>);

impl Warnings {
    /// Listens from now on.
    #[must_use]
    pub fn start() -> Self {
        let messages = Messages::default();
        // Beside a single subscriber, what logs for the first time on a thread of another test is switched off for all.
        let second = Dispatch::new(Messages::default());
        Self { _listening: set_default(&Dispatch::new(messages.clone())), messages, _second: second }
    }

    /// The messages that were logged since this was asked for the last time, in order.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscriber for Messages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() == Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Visit for Messages {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{value:?}"));
        }
    }
}
