//! Real servers, on which time really passes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clock::{Sources, Timestamp};
use contracts::Secret;
use ephemeral::contract::Harness;
use ephemeral::redis::{Credentials, Node, Tls, Topology};
use ephemeral::{EphemeralStore, Redis};
use testkit::servers::redis::{RedisCluster, RedisSentinels, RedisServer};
use tokio::sync::Mutex;

/// Redis counts whole milliseconds, so what ends within one has ended with the next.
const RESOLUTION: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// No call is cut short because the machine is busy.
const UNHURRIED: Duration = Duration::from_secs(20);

/// The running servers of one topology.
pub(crate) enum Running {
    Single(RedisServer),
    Sentinels(RedisSentinels),
    Cluster(RedisCluster),
}

impl Running {
    fn address(&mut self) -> ephemeral::RedisServer {
        match self {
            Self::Single(server) => address(server),
            Self::Sentinels(sentinels) => behind_sentinels(sentinels),
            Self::Cluster(cluster) => in_cluster(cluster),
        }
    }

    fn wipe(&mut self) {
        match self {
            Self::Single(server) => server.wipe(),
            Self::Sentinels(sentinels) => sentinels.master().and_then(|master| master.wipe()),
            Self::Cluster(cluster) => cluster.wipe(),
        }
        .unwrap();
    }

    async fn crash(&mut self) {
        let server = match self {
            Self::Single(server) => server,
            Self::Sentinels(sentinels) => sentinels.master().unwrap(),
            Self::Cluster(cluster) => return cluster.crash().await.unwrap(),
        };
        server.kill().unwrap();
        server.restart().await.unwrap();
    }
}

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
    ephemeral::RedisServer { topology, credentials: None, database: 0, tls: None, time_limit: UNHURRIED }
}

pub(crate) fn node(port: u16) -> Node {
    Node { host: "127.0.0.1".to_owned(), port }
}

/// The store at `address`.
pub(crate) async fn connect(address: &ephemeral::RedisServer) -> Redis {
    Redis::open(address, Sources::system()).await.unwrap()
}

/// What `attempt` comes to at last, however often it is refused before.
pub(crate) async fn at_last<T, E: std::fmt::Debug>(attempt: impl AsyncFn() -> Result<T, E>) -> T {
    let sources = Sources::system();
    let deadline = sources.now() + PATIENCE;
    loop {
        match attempt().await {
            Ok(result) => return result,
            Err(refused) => assert!(sources.now() < deadline, "still {refused:?}"),
        }
        sources.sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) struct RealRedis {
    running: Mutex<Running>,
    address: ephemeral::RedisServer,
    sources: Sources,
}

impl RealRedis {
    pub(crate) fn new(mut running: Running) -> Self {
        Self { address: running.address(), running: Mutex::new(running), sources: Sources::system() }
    }
}

#[async_trait]
impl Harness for RealRedis {
    async fn fresh(&self) -> Arc<dyn EphemeralStore> {
        self.running.lock().await.wipe();
        Arc::new(connect(&self.address).await)
    }

    async fn crash(&self, store: Arc<dyn EphemeralStore>) -> Arc<dyn EphemeralStore> {
        self.running.lock().await.crash().await;
        store
    }

    fn now(&self) -> Timestamp {
        self.sources.now()
    }

    async fn pass(&self, time: Duration) {
        self.sources.sleep(time + RESOLUTION).await;
    }
}
