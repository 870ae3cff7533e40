//! A master, its replica, and the Sentinels that watch them.

use std::io;
use std::time::Duration;

use super::{RedisDoor, RedisServer};
use crate::free_port;

/// A pair of servers and three Sentinels.
pub struct RedisSentinels {
    servers: [RedisServer; 2],
    sentinels: Vec<RedisServer>,
}

impl RedisSentinels {
    /// The name that the Sentinels know the master by.
    pub const MASTER: &str = "lezzet";

    /// Starts all five and returns when the Sentinels know each other and the replica. They elect another master when this one
    /// has not answered for half a second.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Duration::from_millis(500)).await
    }

    /// The same with Sentinels that wait for the master as long as `down_after`.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub async fn start_with(down_after: Duration) -> io::Result<Self> {
        let master = RedisServer::start().await?;
        let follows = format!("replicaof 127.0.0.1 {}\nrepl-diskless-sync-delay 0", master.port());
        let replica = RedisServer::start_with(RedisDoor::Open, &follows).await?;
        replica.wait_until("follows its master", || replica.says(&["ROLE"], "connected")).await?;

        let mut sentinels = Vec::new();
        for _ in 0..3 {
            sentinels.push(start_sentinel(master.port(), down_after).await?);
        }
        for sentinel in &sentinels {
            let facts = ["INFO", "sentinel"];
            sentinel.wait_until("knows them all", || sentinel.says(&facts, "slaves=1,sentinels=3")).await?;
        }
        Ok(Self { servers: [master, replica], sentinels })
    }

    /// The server that the Sentinels call the master.
    ///
    /// # Errors
    /// None of them answers.
    pub fn master(&mut self) -> io::Result<&mut RedisServer> {
        let address = self.sentinels[0].cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self::MASTER])?;
        let port = address.lines().last().unwrap_or_default().to_owned();
        let master = self.servers.iter_mut().find(|server| server.port().to_string() == port);
        master.ok_or_else(|| io::Error::other(format!("{address} is none of ours")))
    }

    /// Kills the master once the other server has all that it has, and returns when that one is the master.
    ///
    /// # Errors
    /// There is none, or the Sentinels do not agree in time.
    pub async fn fail_over(&mut self) -> io::Result<()> {
        let port = self.master()?.port();
        let [one, other] = &mut self.servers;
        let (master, heir) = if one.port() == port { (one, other) } else { (other, one) };
        let written = replicated(master);
        heir.wait_until("has all that its master has", || replicated(heir) >= written).await?;
        master.kill()?;
        heir.wait_until("is the master", || heir.says(&["ROLE"], "master")).await
    }

    /// The ports of the Sentinels on 127.0.0.1.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.sentinels.iter().map(RedisServer::port).collect()
    }

    /// What stands in `REDIS_URL` to reach the master.
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.ports().iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("redis-sentinel://{}/{}", hosts.join(","), Self::MASTER)
    }
}

async fn start_sentinel(master: u16, down_after: Duration) -> io::Result<RedisServer> {
    let mut sentinel = RedisServer::new(free_port()?, RedisDoor::Open)?;
    sentinel.mode = &["--sentinel"];
    let (name, down_after) = (RedisSentinels::MASTER, down_after.as_millis());
    sentinel.write_settings(&format!(
        "sentinel monitor {name} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {name} {down_after}\n\
         sentinel failover-timeout {name} 2000"
    ))?;
    sentinel.restart().await?;
    Ok(sentinel)
}

/// How far `server` has come in the stream of replication.
fn replicated(server: &RedisServer) -> Option<u64> {
    let facts = server.cli(&["INFO", "replication"]).ok()?;
    facts.lines().find_map(|line| line.strip_prefix("master_repl_offset:"))?.trim().parse().ok()
}
