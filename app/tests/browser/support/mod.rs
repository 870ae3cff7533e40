//! A town and a browser before it. One test at a time has both: a browser takes more than one of the few cores of a build server.

mod browser;
mod driver;
mod town;
mod view;

use std::time::Duration;

use clock::Sources;
use tokio::sync::{Mutex, MutexGuard};

pub(crate) use browser::Browser;
pub(crate) use town::{Account, Town};
pub(crate) use view::{Language, Script, View};

/// How long anything may take that a reader waits for.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);
/// The pause between two polls.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

static TURN: Mutex<()> = Mutex::const_new(());

/// Waits for the turn of a test, which has it until it drops what comes back.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

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
    tokio::time::timeout(TIMEOUT, seen).await.unwrap_or_else(|_| panic!("it never came that {what}"))
}
