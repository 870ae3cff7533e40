//! `feed:epoch`: stands as long as the ephemeral store was not wiped since the revocations were told to it.

use std::time::Duration;

use ephemeral::Result;
use kit::Context;
use kit::access::FEED_EPOCH;

const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(crate) async fn stands(context: &Context) -> Result<bool> {
    Ok(context.ephemeral.get(FEED_EPOCH).await?.is_some())
}

/// Begins an epoch, to be read by an operator as the time when it began.
pub(crate) async fn begin(context: &Context) -> Result<()> {
    context.ephemeral.put(FEED_EPOCH, context.now().to_rfc3339().as_bytes(), LIFE).await
}
