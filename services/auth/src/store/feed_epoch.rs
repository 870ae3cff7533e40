//! `feed:epoch`: stands as long as the ephemeral store is the one that the revocations were published to.

use std::time::Duration;

use ephemeral::{EphemeralError, Result};
use kit::Context;
use kit::access::{FEED_EPOCH, FeedEpoch};

/// As long as publishing may take at most.
const PUBLICATION_TTL: Duration = Duration::from_secs(60 * 60);

/// The one that stands, if the store has not come back since as another incarnation.
pub(crate) async fn find(context: &Context) -> Result<Option<FeedEpoch>> {
    FeedEpoch::find(context.ephemeral.as_ref()).await
}

/// A key that goes with a wipe, in a store of this incarnation.
pub(crate) struct Publication {
    key: String,
    incarnation: String,
}

impl Publication {
    #[cfg(test)]
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// Marks the store, before the revocations are published to it.
pub(crate) async fn mark(context: &Context) -> Result<Publication> {
    let incarnation = context.ephemeral.incarnation().await?;
    let key = format!("feed:telling:{}", context.sources.uuid());
    context.ephemeral.put(&key, b"1", PUBLICATION_TTL).await?;
    Ok(Publication { key, incarnation })
}

/// Begins an epoch; none if the store was wiped or started again since the mark.
pub(crate) async fn begin_unless_wiped(context: &Context, publication: &Publication) -> Result<Option<FeedEpoch>> {
    let is_marked = async || {
        let marked = context.ephemeral.get(&publication.key).await?.is_some();
        Ok::<_, EphemeralError>(marked && context.ephemeral.incarnation().await? == publication.incarnation)
    };
    if !is_marked().await? {
        return Ok(None);
    }
    let incarnation = publication.incarnation.clone();
    let epoch = FeedEpoch::begin(context.ephemeral.as_ref(), &context.sources, incarnation).await?;
    // A wipe between the two is seen by the mark alone.
    if !is_marked().await? {
        context.ephemeral.remove(FEED_EPOCH).await?;
        return Ok(None);
    }
    context.ephemeral.remove(&publication.key).await?;
    Ok(Some(epoch))
}
