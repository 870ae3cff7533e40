//! What a test counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, LocalRecorderGuard, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};

/// The counters of this thread, on which all tasks of a test run, for as long as it lives.
pub struct Counters {
    counts: &'static Counts,
    _guard: LocalRecorderGuard<'static>,
}

#[derive(Default)]
struct Counts(Mutex<HashMap<Key, Arc<AtomicU64>>>);

impl Counters {
    /// Counts from now on.
    #[must_use]
    pub fn start() -> Self {
        let counts: &Counts = Box::leak(Box::default());
        Self { counts, _guard: set_default_local_recorder(counts) }
    }

    /// The sum of all counters of this name that have these labels, each with its value, besides others.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let is_meant = |key: &Key| {
            key.name() == name
                && labels.iter().all(|wanted| key.labels().any(|label| (label.key(), label.value()) == *wanted))
        };
        let counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().filter(|(key, _)| is_meant(key)).map(|(_, count)| count.load(Ordering::Relaxed)).sum()
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Counter::from_arc(Arc::clone(counts.entry(key.clone()).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
