//! The trace that a request and all its events belong to (W3C Trace Context).

use std::future::Future;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The value of a `traceparent` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent(String);

tokio::task_local! {
    static CURRENT: TraceParent;
}

impl TraceParent {
    /// Takes over `header` if it has the form of the recommendation, section 3.2.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let parts: Vec<&str> = header.split('-').collect();
        let is_hex = |part: &str, length: usize| {
            part.len() == length && part.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
        };
        let is_set = |part: &str| part.chars().any(|c| c != '0');
        match parts[..] {
            ["00", trace, span, flags]
                if is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2) && is_set(trace) && is_set(span) =>
            {
                Some(Self(header.to_owned()))
            }
            _ => None,
        }
    }

    /// A new trace made of random bytes.
    #[must_use]
    pub fn new(trace: [u8; 16], span: [u8; 8]) -> Self {
        Self(format!("00-{:032x}-{:016x}-01", u128::from_be_bytes(trace).max(1), u64::from_be_bytes(span).max(1)))
    }

    /// The place of `span` in its trace, as a child of `parent` if there is one; `None` where spans are not exported.
    #[must_use]
    pub fn of(span: &Span, parent: Option<&Self>) -> Option<Self> {
        if let Some(parent) = parent {
            span.set_parent(Context::new().with_remote_span_context(parent.span_context()?)).ok()?;
        }
        let context = span.context();
        let place = context.span().span_context().clone();
        let header = || format!("00-{}-{}-{:02x}", place.trace_id(), place.span_id(), place.trace_flags());
        place.is_valid().then(|| Self(header()))
    }

    fn span_context(&self) -> Option<SpanContext> {
        let mut parts = self.0.split('-').skip(1);
        let trace = TraceId::from_hex(parts.next()?).ok()?;
        let span = SpanId::from_hex(parts.next()?).ok()?;
        let flags = TraceFlags::new(u8::from_str_radix(parts.next()?, 16).ok()?);
        Some(SpanContext::new(trace, span, flags, true, TraceState::default()))
    }

    /// The trace that the running task belongs to, if it belongs to one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `work` as part of this trace.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_the_recommended_form_is_taken_over() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

        assert_eq!(TraceParent::parse(header).as_ref().map(TraceParent::as_str), Some(header));
    }

    #[test]
    fn a_header_of_any_other_form_is_not() {
        for header in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(TraceParent::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_new_trace_is_of_that_form_even_from_zeros() {
        for trace in [TraceParent::new([0; 16], [0; 8]), TraceParent::new([0xab; 16], [0xcd; 8])] {
            assert_eq!(TraceParent::parse(trace.as_str()), Some(trace));
        }
    }

    #[tokio::test]
    async fn a_task_belongs_to_the_trace_of_its_scope() {
        let trace = TraceParent::new([1; 16], [2; 8]);

        let inside = trace.clone().scope(async { TraceParent::current() }).await;

        assert_eq!((inside, TraceParent::current()), (Some(trace), None));
    }
}
