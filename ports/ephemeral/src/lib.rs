//! The port for everything that has a time to live, and for the feeds that reach all processes at once.
//!
//! Bytes in, bytes out: what a key means is its owner's business, and no domain rule lives in an adapter. A failure is
//! always an error, never "not there". What was answered survives `kill -9`; a power loss may cost the last second.

mod absent;
#[cfg(feature = "contract")]
pub mod contract;
mod embedded;
mod json;
pub mod redis;

use std::time::Duration;

use async_trait::async_trait;

pub use self::redis::{Redis, RedisServer};
pub use absent::Absent;
pub use embedded::Embedded;
pub use json::parse_json;

/// A store whose entries expire. Every operation is atomic and touches one key, so that a cluster can hold them.
///
/// An entry is gone at the instant its time to live ends; one without time to live is gone at once.
#[async_trait]
pub trait EphemeralStore: Send + Sync + 'static {
    /// The value at `key`, unless it is absent or expired.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Sets `key`, whatever stood there, for `ttl`. Without time to live, it removes `key`.
    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()>;

    /// Replaces what stands at `key` only if it is `expected`; `None` means absent, before or after.
    ///
    /// Claiming is a swap from absent, taking and removing a swap to absent.
    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap>;

    /// Counts `member` in the sliding window of `key`, unless `limit` other members already stand in it.
    ///
    /// A member that stands there already is counted once and its time is renewed. A key that counts holds no value.
    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count>;

    /// Gives back what [`EphemeralStore::count`] took: one member of `key`, or all of them.
    async fn uncount(&self, key: &str, members: Members<'_>) -> Result<()>;

    /// Adds `entry` at the end of `feed`, where it stays readable for at least `keep`.
    async fn append(&self, feed: &str, entry: &[u8], keep: Duration) -> Result<Position>;

    /// The entries of `feed` behind `after`, oldest first and one page at most; waits up to `wait` for the first one.
    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> Result<Followed>;

    /// Names the run of the store that answers now; all of its clients are given the same name. A store that was started
    /// again, restored or replaced by another has another one, and may have come back older than it was.
    async fn incarnation(&self) -> Result<String>;

    /// Counts how often this process connected. As long as the number stays, so does the incarnation.
    fn connections(&self) -> u64;
}

/// A value and its time to live.
#[derive(Debug, Clone, Copy)]
pub struct Expiring<'a> {
    /// What to store.
    pub value: &'a [u8],
    /// How long it stays.
    pub ttl: Duration,
}

/// What became of a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The expected value stood there and was replaced.
    Done,
    /// Something else stands there; `None` if nothing does.
    Found(Option<Vec<u8>>),
}

/// How many different members may stand in a sliding window, and how long the window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Members that fit.
    pub limit: u32,
    /// How long a member counts.
    pub length: Duration,
}

/// What became of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The member is counted; this many stand in the window now.
    Within(u32),
    /// The window is full and the member was not counted.
    Full {
        /// How long until the next member fits.
        retry_after: Duration,
    },
}

/// Which members to give back.
#[derive(Debug, Clone, Copy)]
pub enum Members<'a> {
    /// This one.
    One(&'a [u8]),
    /// The whole window.
    All,
}

/// A place in a feed. Opaque but ordered; the parts are those of a Redis stream id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Milliseconds of the store's clock.
    pub milliseconds: u64,
    /// Number within the millisecond.
    pub sequence: u64,
}

impl Position {
    /// Before every entry: following from here reads all that the feed still holds.
    pub const START: Self = Self { milliseconds: 0, sequence: 0 };
}

/// Entries of a feed that are read in one go: a page is far from its time limit however long the feed is, and costs the
/// reader little memory.
pub const FEED_PAGE: usize = 1_000;

/// What following a feed found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Followed {
    /// New entries with their places, oldest first; at most [`FEED_PAGE`].
    pub entries: Vec<(Position, Vec<u8>)>,
    /// Entries behind the asked place are gone unread: trimmed, or the store was wiped. Never set from the start, from
    /// where to follow again once what was missed is made up for.
    pub gap: bool,
    /// Entries behind these stood there too when the feed was read: what is given back is not all that there is to know.
    pub more: bool,
}

/// The store could not answer. Its caller decides what that means; it never means "absent".
#[derive(Debug, thiserror::Error)]
pub enum EphemeralError {
    /// The store is away or too slow; the same call may succeed later.
    #[error("the ephemeral store is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// This process has no such store, until its operator names one.
    #[error("this process has no ephemeral store: REDIS_URL is not set")]
    Absent,
    /// The store holds something that is not ours, such as a key of another type.
    #[error("the ephemeral store holds something else at {key}: {reason}")]
    Foreign {
        /// Where.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The result of every operation.
pub type Result<T> = std::result::Result<T, EphemeralError>;
