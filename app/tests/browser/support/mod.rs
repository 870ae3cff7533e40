//! A town and browsers before it. One test at a time has both: a browser takes more than one of the few cores of a build server.

mod browser;
mod founded;
mod town;
mod view;

use tokio::sync::{Mutex, MutexGuard};

pub(crate) use browser::Browser;
pub(crate) use founded::Division;
pub(crate) use town::{Account, Order, Town};
pub(crate) use view::{Language, Script, View};

static TURN: Mutex<()> = Mutex::const_new(());

/// Waits for the turn of a test, which has it until it drops what comes back.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}
