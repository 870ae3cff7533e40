//! How the adapter reaches the servers of the tests.

use std::time::Duration;

use clock::Sources;
use contracts::Secret;
use ephemeral::Redis;
use ephemeral::redis::{Credentials, Node, Tls, Topology};
use testkit::servers::redis::{RedisCluster, RedisSentinels, RedisServer};

const TIMEOUT: Duration = Duration::from_secs(60);

/// No call is cut short because the machine is busy.
const UNHURRIED: Duration = Duration::from_secs(20);

/// How the adapter reaches a single server.
pub(crate) fn address(server: &RedisServer) -> ephemeral::RedisServer {
    let url = server.url();
    let credentials =
        Credentials { user: Some(RedisServer::USER.to_owned()), password: Secret::new(RedisServer::PASSWORD) };
    ephemeral::RedisServer {
        credentials: url.contains('@').then_some(credentials),
        tls: url.starts_with("rediss").then(|| Tls { ca_file: Some(server.authority()) }),
        ..reached_by(Topology::Single(node(server.port())))
    }
}

/// How it reaches the master by Sentinels.
pub(crate) fn behind_sentinels(sentinels: &RedisSentinels) -> ephemeral::RedisServer {
    let master = RedisSentinels::MASTER.to_owned();
    reached_by(Topology::Sentinel { sentinels: sentinels.ports().into_iter().map(node).collect(), master })
}

/// How it reaches a cluster.
pub(crate) fn in_cluster(cluster: &mut RedisCluster) -> ephemeral::RedisServer {
    reached_by(Topology::Cluster(cluster.nodes().iter().map(|server| node(server.port())).collect()))
}

/// Servers that stand like this, in plain and open to everybody.
pub(crate) fn reached_by(topology: Topology) -> ephemeral::RedisServer {
    ephemeral::RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout: UNHURRIED }
}

pub(crate) fn node(port: u16) -> Node {
    Node { host: "127.0.0.1".to_owned(), port }
}

/// The store at `address`.
pub(crate) async fn connect(address: &ephemeral::RedisServer) -> Redis {
    connect_by(address, Sources::system()).await
}

pub(crate) async fn connect_by(address: &ephemeral::RedisServer, sources: Sources) -> Redis {
    Redis::open(address, sources).await.unwrap()
}

/// What `attempt` comes to at last, however often it is refused before.
pub(crate) async fn at_last<T, E: std::fmt::Debug>(attempt: impl AsyncFn() -> Result<T, E>) -> T {
    let sources = Sources::system();
    let deadline = sources.now() + TIMEOUT;
    loop {
        match attempt().await {
            Ok(result) => return result,
            Err(refused) => assert!(sources.now() < deadline, "still {refused:?}"),
        }
        sources.sleep(Duration::from_millis(5)).await;
    }
}
