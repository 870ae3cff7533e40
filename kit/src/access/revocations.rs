//! The denylist: sessions that were ended before their access tokens were.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use clock::{Sources, Timestamp};
use contracts::SessionId;
use ephemeral::EphemeralStore;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The feed that says to every process which sessions ended. It is the denylist itself, read whole at start.
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
pub(super) const CLOCK_TOLERANCE: Duration = Duration::from_secs(2 * 60 * 60);

/// So many are forgotten before somebody who waits is let in.
const FORGOTTEN_AT_ONCE: usize = 10_000;

/// All revocations whose tokens are still alive, or would be if the clock were set back: about a hundred bytes each.
#[derive(Default)]
pub(super) struct Denylist {
    ended: RwLock<Ended>,
    /// The second in which it was trimmed last.
    trimmed_at: AtomicI64,
}

#[derive(Default)]
struct Ended {
    until: HashMap<SessionId, Timestamp>,
    /// By the first full second in which they may be forgotten. One whose end was set later stands there twice.
    by_expiry: BTreeMap<i64, Vec<SessionId>>,
}

impl Denylist {
    pub(super) fn contains(&self, session: SessionId) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).until.contains_key(&session)
    }

    pub(super) fn add(&self, revocation: Revocation) {
        self.write().add(revocation);
    }

    /// Forgets sessions whose tokens have all expired; at most once a second, and without a look at any other.
    pub(super) fn trim(&self, now: Timestamp) {
        if self.trimmed_at.swap(now.timestamp(), Ordering::Relaxed) == now.timestamp() {
            return;
        }
        while self.write().forget(now) == FORGOTTEN_AT_ONCE {}
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ended> {
        self.ended.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended {
    fn add(&mut self, Revocation { session, until }: Revocation) {
        let known = self.until.get(&session);
        if known.is_none_or(|known| *known < until) {
            self.until.insert(session, until);
            self.by_expiry.entry(forgotten_at(until)).or_default().push(session);
        }
    }

    /// Forgets some of those that have expired by `now`, and says how many it looked at.
    fn forget(&mut self, now: Timestamp) -> usize {
        let mut left = FORGOTTEN_AT_ONCE;
        while left > 0
            && let Some(mut second) = self.by_expiry.first_entry()
            && *second.key() <= now.timestamp()
        {
            let sessions = second.get_mut();
            let some = sessions.split_off(sessions.len() - left.min(sessions.len()));
            if sessions.is_empty() {
                second.remove();
            }
            left -= some.len();
            for session in some {
                if self.until.get(&session).is_some_and(|until| *until + CLOCK_TOLERANCE <= now) {
                    self.until.remove(&session);
                }
            }
        }
        if self.until.capacity() / 4 > self.until.len() {
            // What a burst took is given back.
            self.until.shrink_to(2 * self.until.len());
        }
        FORGOTTEN_AT_ONCE - left
    }
}

fn forgotten_at(until: Timestamp) -> i64 {
    (until + CLOCK_TOLERANCE).timestamp() + 1
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_has_expired_is_forgotten_once_a_second_and_not_with_each_message() {
        let denylist = Denylist::default();
        let second = Timestamp::UNIX_EPOCH + CLOCK_TOLERANCE + Duration::from_secs(10);
        denylist.trim(second);
        denylist.add(Revocation { session: SessionId(Uuid::nil()), until: Timestamp::UNIX_EPOCH });

        denylist.trim(second + Duration::from_millis(999));
        let in_the_same_second = denylist.contains(SessionId(Uuid::nil()));
        denylist.trim(second + Duration::from_secs(1));

        assert_eq!((in_the_same_second, denylist.contains(SessionId(Uuid::nil()))), (true, false));
    }

    #[test]
    fn a_trim_reads_nothing_but_what_expires() {
        let start = Timestamp::UNIX_EPOCH;
        let mut ended = Ended::default();
        let session = |number| SessionId(Uuid::from_u128(number));
        for number in 0..1_000 {
            ended.add(Revocation { session: session(number), until: start + Duration::from_secs(600) });
        }
        let (short, extended) = (session(1_000), session(1_001));
        for (session, seconds) in [(short, 5), (extended, 5), (extended, 300), (extended, 200)] {
            ended.add(Revocation { session, until: start + Duration::from_secs(seconds) });
        }

        let examined = ended.forget(start + CLOCK_TOLERANCE + Duration::from_secs(10));

        let stands = |session| ended.until.contains_key(&session);
        assert_eq!((examined, stands(short), stands(extended), ended.until.len()), (2, false, true, 1_001));
    }

    #[test]
    fn a_burst_is_forgotten_in_parts_and_leaves_no_memory_behind() {
        let (start, count) = (Timestamp::UNIX_EPOCH, FORGOTTEN_AT_ONCE + 1);
        let mut ended = Ended::default();
        for number in 0..count {
            ended.add(Revocation { session: SessionId(Uuid::from_u128(number as u128)), until: start });
        }
        let later = start + CLOCK_TOLERANCE + Duration::from_secs(1);

        let parts = [ended.forget(later), ended.forget(later), ended.forget(later)];

        assert_eq!(parts, [FORGOTTEN_AT_ONCE, 1, 0]);
        assert!(ended.until.is_empty() && ended.by_expiry.is_empty() && ended.until.capacity() < 100);
    }
}
