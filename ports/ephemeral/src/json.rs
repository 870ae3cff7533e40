//! What every owner of a key does with it: read and write JSON, remove it, change what stands there.
//!
//! Built on the operations of the trait alone, so it is the same on each adapter. No key means anything here.

use std::error::Error;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{EphemeralError, EphemeralStore, Expiring, Result, Swap};

/// Each attempt but the last was lost to another that succeeded, so many in a row are a crowd that should come back later.
const UPDATE_ATTEMPTS: u32 = 256;

impl dyn EphemeralStore {
    /// The JSON at `key`, unless it is absent or expired.
    ///
    /// # Errors
    /// The store is away, or holds what is no such JSON.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        self.get(key).await?.map(|value| parse_json(key, &value)).transpose()
    }

    /// Sets `key` to `value` as JSON, whatever stood there, for `ttl`.
    ///
    /// # Errors
    /// The store is away.
    pub async fn put_json<T: Serialize + Sync>(&self, key: &str, value: &T, ttl: Duration) -> Result<()> {
        self.put(key, &json(value), ttl).await
    }

    /// Removes `key`, whatever stands there.
    ///
    /// # Errors
    /// The store is away.
    pub async fn remove(&self, key: &str) -> Result<()> {
        self.put(key, b"", Duration::ZERO).await
    }

    /// Puts what `change` makes of the JSON at `key` in its place, for `ttl`; `None` means absent, before and after. What
    /// another has changed meanwhile is not lost: `change` is asked again with that.
    ///
    /// # Errors
    /// The store is away, holds what is no such JSON, or too many change the same key.
    pub async fn update<T: Serialize + DeserializeOwned + Send>(
        &self,
        key: &str,
        ttl: Duration,
        mut change: impl FnMut(Option<T>) -> Option<T> + Send,
    ) -> Result<()> {
        let mut standing = self.get(key).await?;
        for _ in 0..UPDATE_ATTEMPTS {
            let old = standing.as_deref().map(|value| parse_json(key, value)).transpose()?;
            let new = change(old).map(|new| json(&new));
            let expiring = new.as_deref().map(|value| Expiring { value, ttl });
            match self.swap(key, standing.as_deref(), expiring).await? {
                Swap::Done => return Ok(()),
                Swap::Found(other) => standing = other,
            }
        }
        Err(EphemeralError::Unavailable(format!("too many change {key} at once").into()))
    }
}

/// Reads `value`, which stands at `key`, as JSON.
///
/// # Errors
/// It is no such JSON.
pub fn parse_json<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| EphemeralError::foreign(key, &error))
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("what is kept has texts as the keys of its maps")
}

impl EphemeralError {
    /// `key` holds something that its owner did not write.
    #[must_use]
    pub fn foreign(key: &str, reason: &dyn Error) -> Self {
        Self::Foreign { key: key.to_owned(), reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clock::{ManualClock, SeededRandom, Sources, Timestamp};
    use tempfile::TempDir;

    use super::*;
    use crate::Embedded;

    const TTL: Duration = Duration::from_secs(60);

    fn store() -> (Arc<dyn EphemeralStore>, TempDir, ManualClock) {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let store = Embedded::open(folder.path(), Sources::new(clock.clone(), SeededRandom::new(1))).unwrap();
        (Arc::new(store), folder, clock)
    }

    #[tokio::test]
    async fn what_was_put_is_read_until_it_is_removed() {
        let (store, _folder, _) = store();

        store.put_json("key", &["a", "b"], TTL).await.unwrap();
        let put = store.get_json::<Vec<String>>("key").await.unwrap();
        store.remove("key").await.unwrap();

        assert_eq!(put, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(store.get_json::<Vec<String>>("key").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_not_ours_is_an_error_and_stays() {
        let (store, _folder, _) = store();
        store.put("key", b"{", TTL).await.unwrap();

        let read = store.get_json::<u32>("key").await;
        let updated = store.update("key", TTL, |_: Option<u32>| Some(1)).await;

        assert!(matches!(read, Err(EphemeralError::Foreign { .. })), "{read:?}");
        assert!(matches!(updated, Err(EphemeralError::Foreign { .. })), "{updated:?}");
        assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"{"[..]));
    }

    #[tokio::test]
    async fn an_update_renews_the_time_to_live_and_can_remove() {
        let (store, _folder, clock) = store();
        store.put_json("key", &1, TTL).await.unwrap();

        clock.advance(TTL / 2);
        store.update("key", TTL, |old: Option<u32>| old).await.unwrap();
        clock.advance(TTL / 2);
        let renewed = store.get_json::<u32>("key").await.unwrap();
        store.update("key", TTL, |_: Option<u32>| None).await.unwrap();

        assert_eq!(renewed, Some(1));
        assert_eq!(store.get("key").await.unwrap(), None);
    }
}
