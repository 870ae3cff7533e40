//! `feed:epoch`: stands as long as the ephemeral store was not wiped since the revocations were told to it.

use std::time::Duration;

use ephemeral::{EphemeralError, Result};
use kit::Context;
use kit::access::FEED_EPOCH;

use super::expiring::remove;

/// As long as telling may take at most.
const TELLING: Duration = Duration::from_secs(60 * 60);
const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(crate) async fn stands(context: &Context) -> Result<bool> {
    Ok(context.ephemeral.get(FEED_EPOCH).await?.is_some())
}

/// A key that goes with a wipe.
pub(crate) struct Telling(String);

impl Telling {
    #[cfg(test)]
    pub(crate) fn key(&self) -> &str {
        &self.0
    }
}

/// Marks the store, before the revocations are told to it.
pub(crate) async fn mark(context: &Context) -> Result<Telling> {
    let key = format!("feed:telling:{}", context.sources.uuid());
    context.ephemeral.put(&key, b"1", TELLING).await?;
    Ok(Telling(key))
}

/// Begins an epoch, to be read by an operator as the time when it began; false if the store was wiped since the mark.
pub(crate) async fn begin_unless_wiped(context: &Context, telling: &Telling) -> Result<bool> {
    let is_marked = async || Ok::<_, EphemeralError>(context.ephemeral.get(&telling.0).await?.is_some());
    if !is_marked().await? {
        return Ok(false);
    }
    context.ephemeral.put(FEED_EPOCH, context.now().to_rfc3339().as_bytes(), LIFE).await?;
    // A wipe between the two is seen by the mark alone.
    if !is_marked().await? {
        remove(context.ephemeral.as_ref(), FEED_EPOCH).await?;
        return Ok(false);
    }
    remove(context.ephemeral.as_ref(), &telling.0).await?;
    Ok(true)
}
