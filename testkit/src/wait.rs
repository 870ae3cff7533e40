//! Waiting for what comes by itself, with a deadline.

use std::time::Duration;

use clock::Sources;

/// How long anything may take that happens by itself, such as a mail.
pub const TIMEOUT: Duration = Duration::from_secs(20);
/// The pause between two polls.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Polls until there is something to be seen.
///
/// # Panics
/// It never comes; `what` is reported.
pub async fn at_last<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    let sources = Sources::system();
    let seen = async {
        loop {
            if let Some(seen) = poll().await {
                return seen;
            }
            sources.sleep(POLL_INTERVAL).await;
        }
    };
    in_time(what, seen).await
}

/// The outcome of `future`.
///
/// # Panics
/// It takes too long; `what` is reported.
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIMEOUT, future).await.unwrap_or_else(|_| panic!("it never came that {what}"))
}
