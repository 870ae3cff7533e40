//! Log lines and metrics of one process.

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::error::Result;
use crate::settings::Log;
use crate::settings::value::LogFormat;

/// Upper bounds in seconds: from a cached answer to the request's time limit.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Starts logging to standard error, and makes a panic one log line like any other.
pub fn start_logging(log: &Log) -> Result<()> {
    let lines = match log.format {
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).with_ansi(false).boxed(),
        LogFormat::Json => fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(log.filter.filter()).with(lines);
    subscriber.try_init().context("logging was started before")?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, message = panic.payload_as_str(), "panicked");
    }));
    Ok(())
}

/// Starts counting for the whole process; the handle shows the counts.
pub fn start_counting() -> Result<PrometheusHandle> {
    Ok(builder()?.install_recorder().context("counting was started before")?)
}

/// A handle that shows no counts, for a platform that is only looked at or shares its process with others.
#[must_use]
pub fn count_nothing() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}

fn builder() -> Result<PrometheusBuilder> {
    Ok(PrometheusBuilder::new().set_buckets(&SECONDS).context("metrics have no buckets")?)
}
