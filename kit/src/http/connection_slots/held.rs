//! A connection that is held, and when it is its turn to give way.

use std::time::Duration;

use ipnet::IpNet;
use tokio::time::Instant;

use crate::connection::Connection;

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
    pub(super) connection: Connection,
}

/// Among which of the connections it stands when one of them has to give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It ends at any moment.
    Leaving,
    /// Nothing was asked on it yet, since that event.
    New(u64),
    /// Nothing is on it, since that event.
    Idle(u64),
    /// Its client is waited for.
    Awaited,
    /// A request is being answered.
    Busy,
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
    pub(super) fn standing(&self) -> Standing {
        let (gives_way, given_up) = (self.connection.gives_way(), self.connection.given_up());
        match self.idle_since {
            _ if given_up.is_cancelled() => Standing::Leaving,
            Some(_) if gives_way.is_cancelled() => Standing::Leaving,
            Some(since) if self.new_until.is_some() => Standing::New(since),
            Some(since) => Standing::Idle(since),
            None if self.waits_since().is_some() => Standing::Awaited,
            None => Standing::Busy,
        }
    }

    /// When and why it may be its turn to give way; never, if it was that before.
    pub(super) fn turn(&self, now: Instant, is_crowding: bool) -> Option<(Instant, Turn)> {
        match self.standing() {
            Standing::New(since) | Standing::Idle(since) => Some((self.new_until.unwrap_or(now), Turn::Idle(since))),
            Standing::Awaited => {
                let since = self.waits_since()?;
                Some(if is_crowding {
                    (since + CROWDING_TIMEOUT, Turn::Crowding(since))
                } else {
                    (since + CROWDED_TIMEOUT, Turn::Awaited(since))
                })
            }
            Standing::Leaving | Standing::Busy => None,
        }
    }

    /// Since when nothing happens because of its client.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        [self.stuck_since, self.awaited_since].into_iter().flatten().min()
    }
}
