//! What was counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, LocalRecorderGuard, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};

/// Counts on this thread for as long as it lives.
pub(super) struct Counters {
    reads: &'static Reads,
    _guard: LocalRecorderGuard<'static>,
}

#[derive(Default)]
struct Reads(Mutex<HashMap<Key, Arc<AtomicU64>>>);

impl Counters {
    pub(super) fn start() -> Self {
        let reads: &Reads = Box::leak(Box::default());
        Self { reads, _guard: set_default_local_recorder(reads) }
    }

    /// Reads that ended with `outcome`.
    pub(super) fn of(&self, outcome: &str) -> u64 {
        let labels = vec![metrics::Label::new("cache", "number"), metrics::Label::new("outcome", outcome.to_owned())];
        let key = Key::from_parts("cache_reads_total", labels);
        self.reads.0.lock().unwrap().get(&key).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

impl Recorder for Reads {
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
