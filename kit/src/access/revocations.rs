//! The denylist: sessions that were ended before their access tokens were.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use clock::{Sources, Timestamp};
use contracts::SessionId;
use ephemeral::EphemeralStore;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The feed that tells every process which sessions ended. It is the denylist itself, read whole at start.
pub const REVOCATIONS_FEED: &str = "feed:revocations";

/// Where the [`FeedEpoch`] stands.
pub const FEED_EPOCH: &str = "feed:epoch";

/// Says that the store holds all revocations that matter: auth published them to this very incarnation of it. A store that
/// was wiped has none, and one that came back older has one of another incarnation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEpoch {
    /// Its name.
    pub id: Uuid,
    /// When it began, for the operator who looks.
    pub began_at: Timestamp,
    /// Of which incarnation of the store it says so.
    pub incarnation: String,
}

impl FeedEpoch {
    /// The one that stands in `store`, if it is of the incarnation that answers now.
    ///
    /// # Errors
    /// The store is away.
    pub async fn find(store: &dyn EphemeralStore) -> ephemeral::Result<Option<Self>> {
        let Some(standing) = store.get(FEED_EPOCH).await? else { return Ok(None) };
        // Asked afterwards: a store that is started again in between is another one by then.
        let incarnation = store.incarnation().await?;
        // What can't be read was written by an earlier version of this program, which knew no incarnations.
        let epoch = serde_json::from_slice::<Self>(&standing).ok();
        Ok(epoch.filter(|epoch| epoch.incarnation == incarnation))
    }

    /// Begins one in `store`, which holds all revocations that matter since it was known as `incarnation`.
    ///
    /// # Errors
    /// The store is away.
    pub async fn begin(store: &dyn EphemeralStore, sources: &Sources, incarnation: String) -> ephemeral::Result<Self> {
        let epoch = Self { id: sources.uuid(), began_at: sources.now(), incarnation };
        let value = serde_json::to_vec(&epoch).expect("an id, a time and a text are JSON");
        store.put(FEED_EPOCH, &value, EPOCH_TTL).await?;
        Ok(epoch)
    }
}

const EPOCH_TTL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A session ended; its access tokens are refused until the last of them has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Which session.
    pub session: SessionId,
    /// When its last access token has expired.
    pub until: Timestamp,
}

/// How far a clock may be set ahead and back again, such as from an hour behind to an hour ahead. Meanwhile the tokens of a
/// session look expired, and then they do not.
pub(super) const CLOCK_STEP: Duration = Duration::from_secs(2 * 60 * 60);

/// All revocations whose tokens are still alive, or would be if the clock were set back: at 100 000 log-outs an hour and
/// 15 minutes, about five megabytes.
#[derive(Default)]
pub(super) struct Denylist {
    ended: RwLock<HashMap<SessionId, Timestamp>>,
    /// The second in which it was trimmed last.
    trimmed_at: AtomicI64,
}

impl Denylist {
    pub(super) fn contains(&self, session: SessionId) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    pub(super) fn add(&self, revocation: Revocation) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended
            .entry(revocation.session)
            .and_modify(|until| *until = revocation.until.max(*until))
            .or_insert(revocation.until);
    }

    /// Forgets sessions whose tokens have all expired; at most once a second, because nobody is checked meanwhile.
    pub(super) fn trim(&self, now: Timestamp) {
        if self.trimmed_at.swap(now.timestamp(), Ordering::Relaxed) == now.timestamp() {
            return;
        }
        self.ended.write().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until + CLOCK_STEP > now);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_has_expired_is_forgotten_once_a_second_and_not_with_each_message() {
        let denylist = Denylist::default();
        let second = Timestamp::UNIX_EPOCH + Duration::from_secs(10);
        let until = second + Duration::from_millis(1);
        denylist.trim(second + CLOCK_STEP);
        denylist.add(Revocation { session: SessionId(Uuid::nil()), until });

        denylist.trim(until + CLOCK_STEP);
        let at_once = denylist.contains(SessionId(Uuid::nil()));
        denylist.trim(second + CLOCK_STEP + Duration::from_secs(1));

        assert_eq!((at_once, denylist.contains(SessionId(Uuid::nil()))), (true, false));
    }
}
