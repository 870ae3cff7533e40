//! The adapter for Redis: single, behind Sentinels, or a Cluster.
//!
//! A call fails at once while Redis is known to be away, and within its time limit when it hangs. No command is repeated by
//! itself: one whose answer was lost may have been done, or may still be. How much survives a crash of Redis is what its
//! `appendfsync` says. Times to live end within the millisecond.

mod breaker;
mod check;
mod cluster;
mod connection;
mod connector;
mod fault;
mod feed;
mod followers;
mod incarnation;
mod managed_connection;
mod script;
mod server;
mod servers;
mod slots;
mod survey;
mod tls;
mod votes;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use clock::Sources;
use redis::{Cmd, FromRedisValue, ParsingError, Value};

use crate::{Count, EphemeralStore, Expiring, Followed, Members, Position, Result, Swap, Window};
use fault::Fault;
use feed::Feed;
use followers::Followers;
use script::{Script, Scripts};
use servers::Servers;

pub use check::Unfit;
pub use server::{Credentials, Node, RedisServer, Tls, Topology};

/// As good as forever, and far from where Redis calls a time to live too long.
const MAX_TTL: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An expiring store in Redis, cheap to clone. Values are plain strings at just their keys, so that others can read them.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    servers: Servers,
    scripts: Scripts,
    followers: Followers,
    /// Whether the log says that Redis may come back without what it was given.
    is_loss_logged: AtomicBool,
}

impl Redis {
    /// Prepares the way to `server` and probes it once. A fleet starts in any order, so a Redis that is away, or not fit,
    /// is logged and found by [`Redis::check`], and is used as soon as it can be.
    ///
    /// # Errors
    /// The file with the authorities can't be read, or no server is named.
    pub async fn open(server: &RedisServer, sources: Sources) -> Result<Self> {
        let servers = Servers::new(server, &sources)?;
        let (scripts, followers) = (Scripts::new(), Followers::default());
        let redis = Self(Arc::new(Inner { servers, scripts, followers, is_loss_logged: AtomicBool::new(false) }));
        if let Err(unfit) = redis.check().await {
            tracing::warn!(%unfit, "Redis is not fit to be used");
        }
        Ok(redis)
    }

    /// Sends `command`, which is about `key` alone, and reads its answer.
    async fn call<T: FromRedisValue>(&self, key: &str, command: &Cmd) -> Result<T> {
        let answer = self.0.servers.call(key, command).await;
        answer.and_then(|value| Ok(T::from_redis_value(value)?)).map_err(|fault| fault.about(key))
    }

    async fn run<T: FromRedisValue>(&self, script: &Script, key: &str, arguments: &[&[u8]]) -> Result<T> {
        let answer = match self.0.servers.call(key, &script.by_hash(key, arguments)).await {
            Err(fault) if fault.is_unknown_script() => self.0.servers.call(key, &script.in_full(key, arguments)).await,
            answer => answer,
        };
        answer.and_then(|value| Ok(T::from_redis_value(value)?)).map_err(|fault| fault.about(key))
    }

    async fn follow_by_own_link(
        &self,
        feed: &str,
        after: Position,
        wait: Duration,
    ) -> std::result::Result<Followed, Fault> {
        let kept = self.0.followers.take(feed).filter(|connection| self.0.servers.leads_to_owner(connection));
        let connection = match kept {
            Some(connection) => connection,
            None => self.0.servers.dedicated_connection(feed).await?,
        };
        let followed = Feed { connection: &connection, name: feed }.follow(after, wait).await;
        match &followed {
            Ok(_) => self.0.followers.put_back(feed, connection),
            Err(fault) => self.0.servers.doubt(feed, fault),
        }
        followed
    }
}

#[async_trait]
impl EphemeralStore for Redis {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.call(key, redis::cmd("GET").arg(key)).await
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        if ttl.is_zero() {
            return self.call(key, redis::cmd("DEL").arg(key)).await;
        }
        self.call(key, redis::cmd("SET").arg(key).arg(value).arg("PX").arg(milliseconds(ttl))).await
    }

    async fn swap(&self, key: &str, expected: Option<&[u8]>, new: Option<Expiring<'_>>) -> Result<Swap> {
        let expectation: &[u8] = if expected.is_some() { b"present" } else { b"absent" };
        let (value, life) = new.map_or((&b""[..], 0), |new| (new.value, milliseconds(new.ttl)));
        let life = life.to_string();
        let arguments = [expectation, expected.unwrap_or_default(), value, life.as_bytes()];
        self.run(&self.0.scripts.swap, key, &arguments).await
    }

    async fn count(&self, key: &str, member: &[u8], window: Window) -> Result<Count> {
        let limit = window.limit.to_string();
        let length = microseconds(window.length).to_string();
        // Longer than its last member counts, so that a window never ends too early.
        let life = milliseconds(window.length.saturating_add(Duration::from_millis(1))).to_string();
        let arguments = [member, limit.as_bytes(), length.as_bytes(), life.as_bytes()];
        self.run(&self.0.scripts.count, key, &arguments).await
    }

    async fn uncount(&self, key: &str, members: Members<'_>) -> Result<()> {
        match members {
            Members::One(member) => self.call(key, redis::cmd("ZREM").arg(key).arg(member)).await,
            // Unlike DEL, it leaves alone what is no window.
            Members::All => self.call(key, redis::cmd("ZREMRANGEBYRANK").arg(key).arg(0).arg(-1)).await,
        }
    }

    async fn append(&self, feed: &str, entry: &[u8], keep: Duration) -> Result<Position> {
        let keep = microseconds(keep).to_string();
        self.run(&self.0.scripts.append, feed, &[entry, keep.as_bytes()]).await
    }

    async fn follow(&self, feed: &str, after: Position, wait: Duration) -> Result<Followed> {
        self.follow_by_own_link(feed, after, wait.min(MAX_TTL)).await.map_err(|fault| fault.about(feed))
    }

    async fn incarnation(&self) -> Result<String> {
        incarnation::of(&self.0.servers).await.map_err(|fault| fault.about("run_id"))
    }

    fn connections(&self) -> u64 {
        self.0.servers.connections()
    }
}

impl FromRedisValue for Swap {
    fn from_redis_value(value: Value) -> std::result::Result<Self, ParsingError> {
        let mut parts = Vec::<Value>::from_redis_value(value)?.into_iter();
        match parts.next() {
            Some(Value::Int(1)) => Ok(Self::Done),
            _ => match parts.next() {
                Some(found) => Ok(Self::Found(Option::from_redis_value(found)?)),
                None => Err("a swap does not answer what it found".into()),
            },
        }
    }
}

impl FromRedisValue for Count {
    fn from_redis_value(value: Value) -> std::result::Result<Self, ParsingError> {
        let (is_within, number): (bool, u64) = FromRedisValue::from_redis_value(value)?;
        Ok(if is_within {
            Self::Within(u32::try_from(number).unwrap_or(u32::MAX))
        } else {
            Self::Full { retry_after: Duration::from_micros(number) }
        })
    }
}

/// Whole milliseconds, no shorter than `duration`.
fn milliseconds(duration: Duration) -> u64 {
    microseconds(duration).div_ceil(1000)
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.min(MAX_TTL).as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}
