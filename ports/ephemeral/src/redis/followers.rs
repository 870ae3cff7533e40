//! The connections that wait for news, kept from one wait to the next.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::link::Link;

/// Connections that nobody waits at just now, by feed: in a cluster each leads to the server that holds it.
#[derive(Default)]
pub(super) struct Followers(Mutex<HashMap<String, Vec<Link>>>);

impl Followers {
    /// One that is still open, if there is any. It is gone if its follower goes away in the middle of a wait.
    pub(super) fn take(&self, feed: &str) -> Option<Link> {
        let mut idle = self.idle();
        let links = idle.get_mut(feed)?;
        links.retain(Link::is_open);
        links.pop()
    }

    pub(super) fn put_back(&self, feed: &str, link: Link) {
        self.idle().entry(feed.to_owned()).or_default().push(link);
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<String, Vec<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
