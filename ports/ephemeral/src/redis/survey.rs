//! Asks the servers of a cluster who holds which key, and believes the one that knows of the latest election.
//!
//! A server that is cut off from the others goes on answering what held before that. Each election needs most of the masters,
//! so among most of them there is one that knows of the last.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use redis::{FromRedisValue, Value};
use tokio::time::{Instant, timeout_at};

use super::connection::SendMode;
use super::fault::Fault;
use super::managed_connection::ManagedConnection;
use super::server::Node;
use super::slots::SlotMap;

/// How long those that are slow are waited for once most have answered.
const GRACE: Duration = Duration::from_millis(100);

/// What one server answers.
struct Testimony {
    /// Counts the elections it knows of.
    epoch: u64,
    map: SlotMap,
}

/// The map of the latest epoch that `servers` answer.
pub(super) async fn of(servers: &[Arc<ManagedConnection>]) -> Result<SlotMap, Fault> {
    let mut asked: FuturesUnordered<_> = servers.iter().map(ask).collect();
    let mut best: Result<Testimony, Fault> = Err(Fault::Away("nobody was asked for the map of the cluster".into()));
    let (mut answers, mut deadline) = (0, None);
    loop {
        let next = match deadline {
            None => asked.next().await,
            Some(deadline) => timeout_at(deadline, asked.next()).await.unwrap_or(None),
        };
        let Some(next) = next else { return best.map(|testimony| testimony.map) };
        let is_better = match (&best, &next) {
            (Ok(best), Ok(next)) => next.epoch > best.epoch,
            (Ok(_), Err(_)) => false,
            (Err(_), Ok(_) | Err(_)) => true,
        };
        if is_better {
            best = next;
        }
        answers += 1;
        if best.is_ok() && answers * 2 > servers.len() {
            deadline.get_or_insert(Instant::now() + GRACE);
        }
    }
}

async fn ask(server: &Arc<ManagedConnection>) -> Result<Testimony, Fault> {
    let answer = server.call(redis::cmd("CLUSTER").arg("SLOTS"), SendMode::Plain).await?;
    let ranges: Vec<Vec<Value>> = Vec::from_redis_value(answer)?;
    let mut owners = Vec::new();
    for range in ranges {
        let mut parts = range.into_iter();
        let mut next = || parts.next().unwrap_or_default();
        let slots = u16::from_redis_value(next())?..=u16::from_redis_value(next())?;
        owners.push((slots, read_node(next(), server.host())?));
    }
    Ok(Testimony { epoch: epoch(server).await?, map: SlotMap::new(owners) })
}

/// The epoch, unless the server keeps it to itself.
async fn epoch(server: &Arc<ManagedConnection>) -> Result<u64, Fault> {
    let facts = match server.call(redis::cmd("CLUSTER").arg("INFO"), SendMode::Plain).await {
        Ok(facts) => String::from_redis_value(facts)?,
        Err(fault) if fault.is_forbidden() => return Ok(0),
        Err(fault) => return Err(fault),
    };
    let epoch = facts.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
    Ok(epoch.and_then(|epoch| epoch.trim().parse().ok()).unwrap_or_default())
}

/// Reads the name and the port of a server; one that does not know its own name is where it was `asked`.
fn read_node(value: Value, asked: &str) -> Result<Node, Fault> {
    let mut parts = Vec::<Value>::from_redis_value(value)?.into_iter();
    let mut next = || parts.next().unwrap_or_default();
    let host = Option::<String>::from_redis_value(next())?.filter(|host| !host.is_empty());
    Ok(Node { host: host.unwrap_or_else(|| asked.to_owned()), port: u16::from_redis_value(next())? })
}
