//! What commits announce, so that nobody is woken but those whom it concerns.

use std::fmt;

use database::Database;
use futures_util::future::select_all;
use tokio::sync::watch;

/// What a commit has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// Events were recorded, in whatever topics.
    Recorded,
    /// Events were recorded in this topic.
    RecordedIn(&'a str),
    /// Events of this consumer were parked.
    Parked(&'a str),
    /// A fan-out of this name has something to do.
    FanOut(&'a str),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recorded => f.write_str("recorded"),
            Self::RecordedIn(topic) => write!(f, "recorded {topic}"),
            Self::Parked(consumer) => write!(f, "parked {consumer}"),
            Self::FanOut(name) => write!(f, "fan-out {name}"),
        }
    }
}

impl Subject<'_> {
    /// Wakes at each commit of this process that announces it.
    pub(crate) fn of(self, database: &Database) -> watch::Receiver<u64> {
        database.announcements_of(&self.to_string())
    }
}

/// Waits until one of `announced` has changed since it was seen, and leaves it unseen; for ever where there are none.
pub(crate) async fn any_of(announced: impl Iterator<Item = &watch::Receiver<u64>>) {
    let mut announced: Vec<_> = announced.cloned().collect();
    let changes: Vec<_> = announced.iter_mut().map(|announced| Box::pin(announced.changed())).collect();
    if changes.is_empty() {
        std::future::pending::<()>().await;
    }
    // The other side lives in the database, of which whoever waits has a clone.
    let _ = select_all(changes).await;
}
