//! A store in front of another, for tests that decide what becomes of a call.

use std::ops::Deref;
use std::time::Duration;

use async_trait::async_trait;
use ephemeral::{Count, EphemeralStore, Expiring, Followed, Members, Position, Result, Swap, Window};

/// What becomes of the calls that a test is about. All others go through.
#[async_trait]
pub trait InFront: Send + Sync {
    /// The store behind it.
    fn behind(&self) -> &dyn EphemeralStore;

    /// [`EphemeralStore::get`].
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.behind().get(key).await
    }

    /// [`EphemeralStore::put`].
    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        self.behind().put(key, value, ttl).await
    }

    /// [`EphemeralStore::swap`].
    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        self.behind().swap(key, expected, new).await
    }

    /// [`EphemeralStore::count`].
    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count> {
        self.behind().count(key, member, window).await
    }

    /// [`EphemeralStore::follow`].
    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> Result<Followed> {
        self.behind().follow(feed, after, wait).await
    }
}

/// The store that results.
#[derive(Debug)]
pub struct Front<T>(pub T);

impl<T> Deref for Front<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[async_trait]
impl<T: InFront + 'static> EphemeralStore for Front<T> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        self.0.put(key, value, ttl).await
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        self.0.swap(key, expected, new).await
    }

    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count> {
        self.0.count(key, member, window).await
    }

    async fn uncount(&self, key: &str, members: Members<'_>) -> Result<()> {
        self.0.behind().uncount(key, members).await
    }

    async fn append(&self, feed: &str, entry: &[u8], keep: Duration) -> Result<Position> {
        self.0.behind().append(feed, entry, keep).await
    }

    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> Result<Followed> {
        self.0.follow(feed, after, wait).await
    }

    async fn incarnation(&self) -> Result<String> {
        self.0.behind().incarnation().await
    }

    fn connections(&self) -> u64 {
        self.0.behind().connections()
    }
}
