//! What the platform under test asks its database.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Every statement since it was made, of tasks on this thread alone: those of the test that made it.
pub(crate) struct Statements {
    seen: Arc<Mutex<BTreeSet<String>>>,
    _guard: DefaultGuard,
}

impl Statements {
    pub(crate) fn capture() -> Self {
        let seen = Arc::<Mutex<BTreeSet<String>>>::default();
        let target = Targets::new().with_target("database::statements", LevelFilter::TRACE);
        let layer = Seen(seen.clone()).with_filter(target);
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        Self { seen, _guard: guard }
    }

    pub(crate) fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }
}

struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl<S: Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Taker(&self.0));
    }
}

struct Taker<'a>(&'a Mutex<BTreeSet<String>>);

impl Visit for Taker<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            self.0.lock().unwrap().insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
