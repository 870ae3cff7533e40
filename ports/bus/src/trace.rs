//! The trace that a request and all its events belong to (W3C Trace Context).

use std::future::Future;

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
