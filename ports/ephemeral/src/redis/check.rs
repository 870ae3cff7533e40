//! Whether Redis is fit for what it is used for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use redis::FromRedisValue;

use super::Redis;
use super::connection::SendMode;
use super::fault::Fault;
use super::managed_connection::ManagedConnection;
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
    /// Asks every server that is written to whether it is there, takes our credentials and keeps what it is given. Warns once
    /// of one that keeps no file of what it is given.
    ///
    /// # Errors
    /// What the operator has to mend, in one line.
    pub async fn check(&self) -> Result<(), Unfit> {
        let away = |fault: Fault| Unfit::Away(fault.about("maxmemory-policy"));
        for master in self.0.servers.masters().await.map_err(away)? {
            match fact(&master, "memory", "maxmemory_policy").await.map_err(away)? {
                Some(policy) if policy != "noeviction" => return Err(Unfit::Evicts { policy }),
                Some(_) | None => {}
            }
            if fact(&master, "persistence", "aof_enabled").await.map_err(away)?.as_deref() == Some("0") {
                self.warn_of_loss(&master);
            }
        }
        Ok(())
    }

    fn warn_of_loss(&self, master: &ManagedConnection) {
        if self.0.is_loss_logged.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(
            server = %master.target(),
            "Redis writes no append-only file (appendonly is no): it comes back from a restart empty or as old as its last \
             dump, and what was written since is lost, such as registrations under way and counts of attempts"
        );
    }
}

/// What `name` is among the facts of `section`, unless the server keeps it to itself. Asked as a fact, not as a setting: many
/// hosters forbid `CONFIG`.
async fn fact(server: &Arc<ManagedConnection>, section: &str, name: &str) -> Result<Option<String>, Fault> {
    let facts = match server.call(redis::cmd("INFO").arg(section), SendMode::Plain).await {
        Ok(facts) => String::from_redis_value(facts)?,
        // It answers, which is what counts most.
        Err(fault) if fault.is_forbidden() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let value = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(value.map(str::to_owned))
}
