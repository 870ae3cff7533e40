//! Which run of Redis answers: its `run_id` is another one after each start, and of each server
//! (<https://redis.io/docs/latest/commands/info/>). One that was started over an older dump, or a replica that took over
//! before it had received everything, may have come back older.

use std::sync::Arc;

use redis::FromRedisValue;

use super::connection::SendMode;
use super::fault::Fault;
use super::managed_connection::ManagedConnection;
use super::servers::Servers;

/// The names of all servers that are written to, in the order of the names.
pub(super) async fn of(servers: &Servers) -> Result<String, Fault> {
    let mut runs = Vec::new();
    for master in servers.masters().await? {
        runs.push(run_of(&master).await?);
    }
    runs.sort_unstable();
    Ok(runs.join(" "))
}

/// A server that keeps it to itself is trusted to forget nothing.
async fn run_of(server: &Arc<ManagedConnection>) -> Result<String, Fault> {
    match server.call(redis::cmd("INFO").arg("server"), SendMode::Plain).await {
        Ok(facts) => {
            let facts = String::from_redis_value(facts)?;
            let run = facts.lines().find_map(|line| line.strip_prefix("run_id:"));
            Ok(run.unwrap_or("unknown").to_owned())
        }
        Err(fault) if fault.is_forbidden() => Ok("unknown".to_owned()),
        Err(fault) => Err(fault),
    }
}
