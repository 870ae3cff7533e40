//! Log lines, spans and metrics of one process.

use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

use crate::error::Result;
use crate::settings::value::LogFormat;
use crate::settings::{LinkBase, Log};

/// Upper bounds in seconds: from a cached answer to the request's time limit.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What a collector knows this process by, unless `OTEL_SERVICE_NAME` says otherwise.
const NAME: &str = "lezzetlimani";
/// How long the end of the process waits for the collector to take the last spans.
const EXPORT_GRACE: Duration = Duration::from_secs(1);

/// Sends spans to the collector, if there is one, until the end of the process.
pub struct Spans(Option<SdkTracerProvider>);

/// Starts logging to standard error, and makes a panic one log line like any other.
pub fn start_logging(log: &Log) -> Result<Spans> {
    let lines = match log.format {
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).with_ansi(false).boxed(),
        LogFormat::Json => fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let spans = Spans::start(log.collector.as_ref())?;
    let subscriber = tracing_subscriber::registry().with(log.filter.filter()).with(lines).with(spans.layer());
    subscriber.try_init().context("logging was started before")?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, message = panic.payload_as_str(), "panicked");
    }));
    Ok(spans)
}

impl Spans {
    fn start(collector: Option<&LinkBase>) -> Result<Self> {
        let Some(LinkBase(base)) = collector else { return Ok(Self(None)) };
        let exporter = SpanExporter::builder().with_http().with_endpoint(format!("{base}/v1/traces")).build();
        let exporter = exporter.context("spans can't be sent")?;
        let resource = Resource::builder().with_service_name(NAME).build();
        Ok(Self(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())))
    }

    fn layer<S>(&self) -> Option<OpenTelemetryLayer<S, SdkTracer>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        self.0.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer(NAME)))
    }
}

impl Drop for Spans {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(|provider| provider.shutdown_with_timeout(EXPORT_GRACE)) {
            tracing::warn!(%error, "the collector did not take the last spans");
        }
    }
}

/// Starts counting for the whole process; the handle shows the counts.
pub fn start_counting() -> Result<PrometheusHandle> {
    Ok(builder()?.install_recorder().context("counting was started before")?)
}

/// A handle that shows no counts, for a platform that only observes or shares its process with others.
#[must_use]
pub fn count_nothing() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}

fn builder() -> Result<PrometheusBuilder> {
    Ok(PrometheusBuilder::new().set_buckets(&SECONDS).context("metrics have no buckets")?)
}
