//! Waiting for what tasks do by themselves, with a deadline.

use std::time::Duration;

use clock::Sources;

/// No wait in a test takes longer unless something is broken.
pub const TIMEOUT: Duration = Duration::from_secs(20);

const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Polls `outcome` until there is one.
///
/// # Panics
/// There is none within [`TIMEOUT`]; `awaited` says what is missing.
pub async fn at_last<T>(awaited: &str, mut outcome: impl AsyncFnMut() -> Option<T>) -> T {
    let sources = Sources::system();
    let found = async {
        loop {
            if let Some(found) = outcome().await {
                return found;
            }
            sources.sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(TIMEOUT, found).await.unwrap_or_else(|_| panic!("it never came that {awaited}"))
}
