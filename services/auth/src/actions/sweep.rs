//! Publishes the revocations that were committed and never published: after a crash, an outage, or a command beside the
//! running platform.

use std::collections::HashSet;

use clock::Timestamp;
use contracts::SessionId;

use super::revocation;
use crate::error::AuthError;
use crate::state::Auth;
use crate::store;
use crate::store::session::{PublishedCursor, Session};

/// Ended sessions published with one query and one transaction: there may be a million of them, and they need not be in
/// memory together.
const BATCH: u64 = 1_000;
/// So many are compared with the feed at a time; almost always all of them stand there.
const COMPARED_AT_ONCE: u64 = 10_000;

/// One round. Finds nothing almost always.
pub(crate) async fn sweep(auth: &Auth) -> Result<(), AuthError> {
    // Counted first: a store that is started again while it is asked is asked once more.
    let (connections, gaps) = (auth.context.ephemeral.connections(), auth.guard.gaps());
    let is_doubtful = auth.epoch.is_doubtful(gaps, auth.context.now());
    match store::feed_epoch::find(&auth.context).await? {
        Some(epoch) if !is_doubtful => auth.epoch.set(epoch.id, connections, gaps),
        Some(_) | None => publish_missing(auth).await?,
    }
    loop {
        let unpublished = store::session::unpublished(&auth.context.database, BATCH).await?;
        if unpublished.is_empty() {
            return Ok(());
        }
        revocation::try_publish(auth, &unpublished).await?;
    }
}

/// Publishes every end that still matters and that the store does not hold: it was wiped, or came back older than it was, as
/// after a power failure, a failover to a replica that lagged, or a restore. A store that has lost nothing gets nothing, so
/// that starts in a row do not make the feed longer.
async fn publish_missing(auth: &Auth) -> Result<(), AuthError> {
    let since = auth.context.now() - revocation::longest_token(auth);
    loop {
        let (connections, gaps) = (auth.context.ephemeral.connections(), auth.guard.gaps());
        // A wipe meanwhile takes what was published before it, and this mark too.
        let publication = store::feed_epoch::mark(&auth.context).await?;
        republish_since(auth, since).await?;
        if let Some(epoch) = store::feed_epoch::begin_unless_wiped(&auth.context, &publication).await? {
            auth.epoch.set(epoch.id, connections, gaps);
            return Ok(());
        }
        tracing::warn!(
            "the ephemeral store was wiped while revocations were published to it; they are published again"
        );
    }
}

async fn republish_since(auth: &Auth, since: Timestamp) -> Result<(), AuthError> {
    let published = published(auth).await?;
    let mut cursor = PublishedCursor::since(since);
    loop {
        let ended = store::session::published_after(&auth.context.database, cursor, COMPARED_AT_ONCE).await?;
        let next = ended.last().and_then(PublishedCursor::behind);
        let missing: Vec<Session> = ended.into_iter().filter(|session| !published.contains(&session.id)).collect();
        revocation::republish(auth, &missing).await?;
        match next {
            Some(next) => cursor = next,
            None => return Ok(()),
        }
    }
}

/// The sessions whose end needs not be published again: refresh states that came back are of another epoch, so the feed is
/// all there is to mend. What peers read stands beside it, maybe on another node, and is always published again.
async fn published(auth: &Auth) -> Result<HashSet<SessionId>, AuthError> {
    if auth.guard.accepts_peers() { Ok(HashSet::new()) } else { Ok(auth.guard.published().await?) }
}
