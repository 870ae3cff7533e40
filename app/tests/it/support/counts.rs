//! What one platform counts, apart from the others in this process.

use metrics::LocalRecorderGuard;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Counts everything on this thread, on which all tasks of a test run, for as long as it lives.
pub(crate) struct Counts {
    pub(crate) handle: PrometheusHandle,
    _guard: LocalRecorderGuard<'static>,
}

impl Counts {
    pub(crate) fn start() -> Self {
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        Self { handle: recorder.handle(), _guard: metrics::set_default_local_recorder(recorder) }
    }
}
