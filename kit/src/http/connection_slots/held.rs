//! A connection that is held, and when it is its turn to give way.

use std::collections::HashSet;
use std::time::Duration;

use ipnet::IpNet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a client is waited for while somebody else waits for its place. A lost packet comes again within this time.
pub(super) const CROWDED_TIMEOUT: Duration = Duration::from_secs(2);
/// The same for a client that has more connections than would be left for each if they were shared out evenly, and for the
/// first request on a connection.
pub(super) const CROWDING_TIMEOUT: Duration = Duration::from_millis(250);

/// What is known of one connection.
pub(super) struct Held {
    pub(super) client: Option<IpNet>,
    pub(super) requests: usize,
    /// When its client stopped to read what is written.
    pub(super) stuck_since: Option<Instant>,
    /// When its client stopped to send the body that a route reads.
    pub(super) awaited_since: Option<Instant>,
    pub(super) idle_since: Option<u64>,
    /// Its first request is on its way until then.
    pub(super) new_until: Option<Instant>,
    pub(super) gives_way: CancellationToken,
    pub(super) given_up: CancellationToken,
}

/// Why a connection gives way, in the order in which they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Nothing is on it, since that event.
    Idle(u64),
    /// Its client is waited for since then, and has more than its share.
    Crowding(Instant),
    /// Its client is waited for since then.
    Awaited(Instant),
}

impl Held {
    /// Whether it ends at any moment.
    pub(super) fn is_leaving(&self) -> bool {
        self.given_up.is_cancelled() || (self.gives_way.is_cancelled() && self.idle_since.is_some())
    }

    /// When and why it may be its turn to give way; never, if it was that before.
    pub(super) fn turn(&self, now: Instant, crowding: &HashSet<IpNet>) -> Option<(Instant, Turn)> {
        if let Some(since) = self.idle_since {
            let at = self.new_until.unwrap_or(now);
            return (!self.gives_way.is_cancelled()).then_some((at, Turn::Idle(since)));
        }
        let since = self.waits_since().filter(|_| !self.given_up.is_cancelled())?;
        let is_crowding = self.client.is_some_and(|client| crowding.contains(&client));
        Some(if is_crowding {
            (since + CROWDING_TIMEOUT, Turn::Crowding(since))
        } else {
            (since + CROWDED_TIMEOUT, Turn::Awaited(since))
        })
    }

    /// Since when nothing happens because of its client.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        [self.stuck_since, self.awaited_since].into_iter().flatten().min()
    }

    pub(super) fn give_up(&self) {
        self.given_up.cancel();
        self.gives_way.cancel();
    }
}
