//! The denylist: sessions that were ended before their access tokens were.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use clock::Timestamp;
use contracts::SessionId;
use serde::{Deserialize, Serialize};

/// The feed that tells every process which sessions ended. It is the denylist itself, read whole at start.
pub const REVOCATIONS_FEED: &str = "feed:revocations";

/// Stands as long as the store was not wiped since auth told it all revocations that matter.
pub const FEED_EPOCH: &str = "feed:epoch";

/// A session ended; its access tokens are refused until the last of them has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Which session.
    pub session: SessionId,
    /// When its last access token has expired.
    pub until: Timestamp,
}

/// All revocations whose tokens are still alive: at 100 000 log-outs an hour and 15 minutes, about a megabyte.
#[derive(Default)]
pub(super) struct Denylist {
    ended: RwLock<HashMap<SessionId, Timestamp>>,
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

    /// Forgets sessions whose tokens have all expired.
    pub(super) fn trim(&self, now: Timestamp) {
        self.ended.write().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now);
    }
}
