//! What every key in the ephemeral store needs: to be removed, and to be read as what we wrote.

use ephemeral::{EphemeralError, EphemeralStore, Result, Swap};
use serde::de::DeserializeOwned;

/// Removes `key`, whatever stands there.
pub(super) async fn remove(store: &dyn EphemeralStore, key: &str) -> Result<()> {
    let mut standing = store.get(key).await?;
    while let Some(value) = standing {
        match store.swap(key, Some(&value), None).await? {
            Swap::Done => return Ok(()),
            Swap::Found(other) => standing = other,
        }
    }
    Ok(())
}

/// Reads `value`, which stands at `key`.
pub(super) fn parse<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| foreign(key, &error))
}

/// `key` holds something that we did not write.
pub(super) fn foreign(key: &str, reason: &dyn std::error::Error) -> EphemeralError {
    EphemeralError::Foreign { key: key.to_owned(), reason: reason.to_string() }
}
