//! Whether Redis is fit for what it is used for.

use redis::FromRedisValue;

use super::Redis;
use super::fault::Fault;
use super::line::Line;
use super::link::Manner;
use crate::EphemeralError;

/// Why Redis can't be relied on.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Nothing can be read or written.
    #[error(transparent)]
    Away(EphemeralError),
    /// It throws away what must stay once its memory is full: sessions, registrations, revocations.
    #[error("Redis evicts what must stay: its maxmemory-policy is {policy}, and has to be noeviction")]
    Evicts {
        /// What stands for `noeviction` there.
        policy: String,
    },
}

impl Redis {
    /// Asks every server that is written to whether it is there, takes our credentials and keeps what it is given.
    ///
    /// # Errors
    /// What the operator has to mend, in one line.
    pub async fn check(&self) -> Result<(), Unfit> {
        let away = |fault: Fault| Unfit::Away(fault.about("maxmemory-policy"));
        for master in self.0.servers.masters().await.map_err(away)? {
            match eviction_policy(&master).await.map_err(away)? {
                Some(policy) if policy != "noeviction" => return Err(Unfit::Evicts { policy }),
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

/// The policy, unless the server keeps it to itself. Asked as a fact, not as a setting: many hosters forbid `CONFIG`.
async fn eviction_policy(line: &Line) -> Result<Option<String>, Fault> {
    let facts = match line.call(redis::cmd("INFO").arg("memory"), Manner::Plain).await {
        Ok(facts) => String::from_redis_value(facts)?,
        // It answers, which is what counts most.
        Err(fault) if fault.is_forbidden() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    Ok(facts.lines().find_map(|line| line.strip_prefix("maxmemory_policy:")).map(str::to_owned))
}
