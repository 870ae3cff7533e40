//! Tells what was committed and never told: after a crash, an outage, or a command beside the running platform.

use clock::Timestamp;

use super::{Auth, revocation};
use crate::error::AuthError;
use crate::store;
use crate::store::session::ToldCursor;

/// Ended sessions told with one query and one transaction: there may be a million of them, and they need not be in memory
/// together.
const BATCH: u64 = 1_000;

/// One round. Finds nothing almost always.
pub(crate) async fn sweep(auth: &Auth) -> Result<(), AuthError> {
    // Counted first: a store that is started again while it is asked is asked once more.
    let connections = auth.context.ephemeral.connections();
    let has_gap = auth.guard.take_gap();
    match store::feed_epoch::find(&auth.context).await? {
        Some(epoch) if !has_gap => auth.epoch.know(epoch.id, connections),
        Some(_) | None => tell_again(auth).await?,
    }
    loop {
        let untold = store::session::untold(&auth.context.database, BATCH).await?;
        if untold.is_empty() {
            return Ok(());
        }
        revocation::try_tell(auth, &untold).await?;
    }
}

/// Publishes every end once more that still matters: the store was wiped, or came back older than it was, as after a power
/// failure, a failover to a replica that lagged, or a restore.
pub(crate) async fn tell_again(auth: &Auth) -> Result<(), AuthError> {
    let since = auth.context.now() - revocation::longest_token(auth);
    loop {
        let connections = auth.context.ephemeral.connections();
        // A wipe while it is told takes what was told before it, and this mark too.
        let telling = store::feed_epoch::mark(&auth.context).await?;
        retell_since(auth, since).await?;
        if let Some(epoch) = store::feed_epoch::begin_unless_wiped(&auth.context, &telling).await? {
            auth.epoch.know(epoch.id, connections);
            return Ok(());
        }
        tracing::warn!("the ephemeral store was wiped while it was told of ended sessions; it is told again");
    }
}

async fn retell_since(auth: &Auth, since: Timestamp) -> Result<(), AuthError> {
    let mut cursor = ToldCursor::since(since);
    loop {
        let told = store::session::told_after(&auth.context.database, cursor, BATCH).await?;
        revocation::retell(auth, &told).await?;
        match told.last().and_then(ToldCursor::behind) {
            Some(next) => cursor = next,
            None => return Ok(()),
        }
    }
}
