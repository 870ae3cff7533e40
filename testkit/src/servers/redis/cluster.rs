//! Three masters that share the keys among them.

use std::io;

use super::{RedisDoor, RedisServer};
use crate::free_port;

/// A cluster of three servers without replicas.
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the servers, gives each a third of the slots, and returns when they agree.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub async fn start() -> io::Result<Self> {
        let mut nodes = Vec::new();
        for (epoch, slots) in [["0", "5460"], ["5461", "10922"], ["10923", "16383"]].into_iter().enumerate() {
            let bus = free_port()?;
            let settings = format!("cluster-enabled yes\ncluster-port {bus}\ncluster-node-timeout 1000");
            let node = RedisServer::start_with(RedisDoor::Open, &settings).await?;
            node.cli(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]])?;
            node.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(epoch + 1).to_string()])?;
            if let Some(first) = nodes.first() {
                let ports = [node.port().to_string(), bus.to_string()];
                RedisServer::cli(first, &["CLUSTER", "MEET", "127.0.0.1", &ports[0], &ports[1]])?;
            }
            nodes.push(node);
        }
        let cluster = Self { nodes };
        cluster.wait_until_whole().await?;
        Ok(cluster)
    }

    /// Kills all servers and starts them again over what they left behind.
    ///
    /// # Errors
    /// One of them does not come back.
    pub async fn crash(&mut self) -> io::Result<()> {
        for node in &mut self.nodes {
            node.kill()?;
        }
        for node in &mut self.nodes {
            node.restart().await?;
        }
        self.wait_until_whole().await
    }

    /// Takes all that it holds away.
    ///
    /// # Errors
    /// One of the servers does not answer.
    pub fn wipe(&self) -> io::Result<()> {
        self.nodes.iter().try_for_each(RedisServer::wipe)
    }

    /// Its servers.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// What stands in `REDIS_URL` to reach it.
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    /// Waits until each server sees all three and serves its slots, which a master that comes back does after two seconds.
    ///
    /// # Errors
    /// That does not come.
    pub async fn wait_until_whole(&self) -> io::Result<()> {
        for node in &self.nodes {
            let facts = ["CLUSTER", "INFO"];
            let is_whole = || node.says(&facts, "cluster_state:ok") && node.says(&facts, "cluster_known_nodes:3");
            node.wait_until("is part of a whole cluster", is_whole).await?;
        }
        Ok(())
    }
}
