//! How often consumers asked the database for something to do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, LocalRecorderGuard, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};

/// Counts on this thread, on which all tasks of a test run, for as long as it lives.
pub(crate) struct Polls {
    counters: &'static Counters,
    _guard: LocalRecorderGuard<'static>,
}

#[derive(Default)]
struct Counters(Mutex<HashMap<Key, Arc<AtomicU64>>>);

impl Polls {
    pub(crate) fn start() -> Self {
        let counters: &Counters = Box::leak(Box::default());
        Self { counters, _guard: set_default_local_recorder(counters) }
    }

    /// Of `consumer` in `place` until now.
    pub(crate) fn of(&self, consumer: &str, place: &str) -> u64 {
        let labels = [("consumer", consumer), ("place", place)];
        let is_meant = |key: &Key| {
            key.name() == "bus_polls_total"
                && labels.iter().all(|known| key.labels().any(|l| (l.key(), l.value()) == *known))
        };
        let counters = self.counters.0.lock().unwrap();
        counters.iter().filter(|(key, _)| is_meant(key)).map(|(_, count)| count.load(Ordering::Relaxed)).sum()
    }
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(self.0.lock().unwrap().entry(key.clone()).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
