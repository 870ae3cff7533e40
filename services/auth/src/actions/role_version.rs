//! Whether any role was changed since that of a session was read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::error::AuthError;
use crate::state::Auth;
use crate::store;

/// The version of everybody's roles that this process read last, about a second ago at most. It stays while the database is
/// away, as the roles of sessions do.
#[derive(Default)]
pub(crate) struct RoleVersionCache(Mutex<LastPoll>);

#[derive(Default)]
struct LastPoll {
    version: Option<Uuid>,
    /// Which poll read it.
    poll: u64,
    /// How many have begun.
    polls: u64,
}

impl RoleVersionCache {
    /// None until it was read once.
    pub(crate) fn current(&self) -> Option<Uuid> {
        self.lock().version
    }

    fn begin_poll(&self) -> u64 {
        let mut known = self.lock();
        known.polls += 1;
        known.polls
    }

    /// What a poll found that had begun earlier may be older.
    fn end_poll(&self, poll: u64, version: Option<Uuid>) {
        let mut known = self.lock();
        if poll > known.poll {
            (known.poll, known.version) = (poll, version);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LastPoll> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads which version stands: other processes and the command line change it, too.
pub(crate) async fn poll(auth: &Auth) -> Result<(), AuthError> {
    let poll = auth.roles.begin_poll();
    let version = store::role_version::find(&auth.context.database).await?;
    auth.roles.end_poll(poll, Some(version));
    Ok(())
}

/// Forgets what was read before, because this process has changed a role: its sessions learn of it at once.
pub(super) fn forget(auth: &Auth) {
    let poll = auth.roles.begin_poll();
    auth.roles.end_poll(poll, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_that_began_before_another_one_ended_brings_nothing_older_back() {
        let roles = RoleVersionCache::default();
        let (slow, fast) = (roles.begin_poll(), roles.begin_poll());

        roles.end_poll(fast, None);
        roles.end_poll(slow, Some(Uuid::nil()));

        assert_eq!(roles.current(), None);
    }
}
