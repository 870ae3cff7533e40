//! What every key in the ephemeral store needs: to be removed, and to be read as what we wrote.

use std::time::Duration;

use ephemeral::{EphemeralError, EphemeralStore, Result};
use serde::de::DeserializeOwned;

/// Removes `key`, whatever stands there.
pub(super) async fn remove(store: &dyn EphemeralStore, key: &str) -> Result<()> {
    store.put(key, b"", Duration::ZERO).await
}

/// Reads `value`, which stands at `key`.
pub(super) fn parse<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| foreign(key, &error))
}

/// `key` holds something that we did not write.
pub(super) fn foreign(key: &str, reason: &dyn std::error::Error) -> EphemeralError {
    EphemeralError::Foreign { key: key.to_owned(), reason: reason.to_string() }
}
