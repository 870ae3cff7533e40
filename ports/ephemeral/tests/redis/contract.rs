//! The public suite of the port, unchanged, on every topology: on real servers, on which time really passes.

use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use clock::{ManualClock, SeededRandom, Sources, Timestamp};
use ephemeral::EphemeralStore;
use ephemeral::contract::Harness;
use testkit::servers::redis::{RedisCluster, RedisDoor, RedisSentinels, RedisServer};
use testkit::servers::shared;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::harness::{address, behind_sentinels, connect, connect_by, in_cluster};

mod a_single_redis {
    use super::*;

    ephemeral::contract!(RealRedis<Single>);
}

mod a_redis_with_a_password {
    use super::*;

    ephemeral::contract!(RealRedis<WithPassword>);
}

mod a_redis_behind_tls {
    use super::*;

    ephemeral::contract!(RealRedis<BehindTls>);
}

mod a_redis_behind_sentinels {
    use super::*;

    ephemeral::contract!(RealRedis<BehindSentinels>);
}

mod a_cluster_of_redis {
    use super::*;

    ephemeral::contract!(RealRedis<InCluster>);
}

/// Redis counts whole milliseconds, so what ends within one has ended with the next.
const RESOLUTION: Duration = Duration::from_millis(1);

/// How long Sentinels wait for a master that a clause has killed before they elect another one: one that was elected while the
/// next clause runs would show it what the clause before has left.
const NEVER: Duration = Duration::from_hours(1);

/// How the servers stand that the clauses are tested on.
#[async_trait]
trait Topology: Send + Sync {
    async fn start() -> Running;

    fn servers() -> &'static Servers;
}

macro_rules! topologies {
    ($($topology:ident: $start:expr,)+) => {
        $(
            struct $topology;

            #[async_trait]
            impl Topology for $topology {
                async fn start() -> Running {
                    $start
                }

                fn servers() -> &'static Servers {
                    static SERVERS: Servers = Servers::none();
                    &SERVERS
                }
            }
        )+
    };
}

topologies! {
    Single: Running::Single(RedisServer::start().await.unwrap()),
    WithPassword: Running::Single(RedisServer::start_with(RedisDoor::Password, "").await.unwrap()),
    BehindTls: Running::Single(RedisServer::start_with(RedisDoor::Tls, "").await.unwrap()),
    BehindSentinels: Running::Sentinels(RedisSentinels::start_with(NEVER).await.unwrap()),
    InCluster: Running::Cluster(RedisCluster::start().await.unwrap()),
}

/// The running servers of one topology.
enum Running {
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

    /// Sets ahead whatever it holds.
    fn set_ahead(&mut self, by: Duration) {
        let servers = match self {
            Self::Single(server) => std::slice::from_mut(server),
            Self::Sentinels(sentinels) => std::slice::from_mut(sentinels.master().unwrap()),
            Self::Cluster(cluster) => cluster.nodes(),
        };
        for server in servers {
            for key in server.cli(&["KEYS", "*"]).unwrap().lines() {
                let script = ["EVAL", include_str!("set_ahead.lua"), "1", key, &by.as_micros().to_string()];
                server.cli(&script).unwrap();
            }
        }
    }
}

/// The servers of one topology: for one clause after the other, since a clause wipes and kills them. They end as soon as no
/// clause has them nor waits for them, and the next one starts them anew.
struct Servers(std::sync::Mutex<Weak<Mutex<Option<Running>>>>);

impl Servers {
    const fn none() -> Self {
        Self(std::sync::Mutex::new(Weak::new()))
    }

    async fn lock(&self) -> OwnedMutexGuard<Option<Running>> {
        let servers = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let servers = known.upgrade().unwrap_or_default();
            *known = Arc::downgrade(&servers);
            servers
        };
        servers.lock_owned().await
    }
}

/// The servers, as one clause has them.
struct RealRedis<T> {
    running: Mutex<OwnedMutexGuard<Option<Running>>>,
    address: ephemeral::RedisServer,
    sources: Sources,
    /// That of a process which is ahead.
    clock: ManualClock,
    topology: PhantomData<T>,
}

#[async_trait]
impl<T: Topology> Harness for RealRedis<T> {
    fn is_wanted() -> bool {
        shared::are_wanted()
    }

    async fn start() -> Self {
        let mut running = T::servers().lock().await;
        if running.is_none() {
            *running = Some(T::start().await);
        }
        let address = running.as_mut().unwrap().address();
        let sources = Sources::system();
        let clock = ManualClock::at(sources.now());
        Self { running: Mutex::new(running), address, sources, clock, topology: PhantomData }
    }

    async fn fresh(&self) -> Arc<dyn EphemeralStore> {
        self.running.lock().await.as_mut().unwrap().wipe();
        Arc::new(connect(&self.address).await)
    }

    async fn fresh_ahead(&self, time: Duration) -> Arc<dyn EphemeralStore> {
        self.running.lock().await.as_mut().unwrap().wipe();
        self.clock.advance(time);
        Arc::new(connect_by(&self.address, Sources::new(self.clock.clone(), SeededRandom::new(1))).await)
    }

    async fn crash(&self, store: Arc<dyn EphemeralStore>) -> Arc<dyn EphemeralStore> {
        self.running.lock().await.as_mut().unwrap().crash().await;
        store
    }

    fn now(&self) -> Timestamp {
        self.sources.now()
    }

    async fn pass(&self, time: Duration) {
        self.sources.sleep(time + RESOLUTION).await;
    }

    async fn set_clock_back(&self, _store: &dyn EphemeralStore, time: Duration) {
        self.running.lock().await.as_mut().unwrap().set_ahead(time);
    }

    async fn set_own_clock_back(&self, time: Duration) {
        self.clock.set_back(time);
    }
}

/// Whatever a clause that failed has left of its servers, it fails no other one.
impl<T> Drop for RealRedis<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.running.get_mut().take();
        }
    }
}
