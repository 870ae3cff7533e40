//! Tells what was committed and never told: after a crash, an outage, or a command beside the running platform.

use super::{Auth, revocation};
use crate::error::AuthError;
use crate::store;

/// Ended sessions told in one go.
const BATCH: u64 = 100;

/// One round. Finds nothing almost always.
pub(crate) async fn sweep(auth: &Auth) -> Result<(), AuthError> {
    if !store::feed_epoch::stands(&auth.context).await? {
        tell_again(auth).await?;
    }
    loop {
        let untold = store::session::untold(&auth.context.database, BATCH).await?;
        if untold.is_empty() {
            return Ok(());
        }
        revocation::try_tell(auth, &untold).await?;
    }
}

/// Tells every end once more that still matters: the store was wiped, or lost its last second in a power failure.
pub(crate) async fn tell_again(auth: &Auth) -> Result<(), AuthError> {
    let since = auth.context.now() - revocation::longest_token(auth);
    loop {
        // A wipe while it is told takes what was told before it, and this mark too.
        let telling = store::feed_epoch::mark(&auth.context).await?;
        let told = store::session::told_since(&auth.context.database, since).await?;
        revocation::retell(auth, &told).await?;
        if store::feed_epoch::begin_unless_wiped(&auth.context, &telling).await? {
            return Ok(());
        }
        tracing::warn!("the ephemeral store was wiped while it was told of ended sessions; it is told again");
    }
}
