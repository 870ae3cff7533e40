//! Waiting for what comes by itself, with a deadline.

use std::time::Duration;

use clock::Sources;

use super::platform::TIMEOUT;

/// The pause between two polls.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Polls until there is something to be seen; `what` is reported when it never comes.
pub(crate) async fn at_last<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
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

/// The outcome of `future`; `what` is reported when it takes too long.
pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIMEOUT, future).await.unwrap_or_else(|_| panic!("it never came that {what}"))
}
