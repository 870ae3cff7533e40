//! The connections that wait for news, kept from one wait to the next.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connection::Connection;

/// Connections that nobody waits at just now, by feed: in a cluster each leads to the server that holds it.
#[derive(Default)]
pub(super) struct Followers(Mutex<HashMap<String, Vec<Connection>>>);

impl Followers {
    /// One that is still open, if there is any. It is gone if its follower goes away in the middle of a wait.
    pub(super) fn take(&self, feed: &str) -> Option<Connection> {
        let mut idle = self.idle();
        let connections = idle.get_mut(feed)?;
        connections.retain(Connection::is_open);
        connections.pop()
    }

    pub(super) fn put_back(&self, feed: &str, connection: Connection) {
        self.idle().entry(feed.to_owned()).or_default().push(connection);
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<String, Vec<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
