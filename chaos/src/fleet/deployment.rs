//! What stands under test: Redis, Kafka, Postgres and a mail server, and the fleet of our processes on them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use lezzetlimani::services::ServiceName;
use tempfile::TempDir;
use testkit::servers::FreezingProxy;
use testkit::servers::Together;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::postgres::PostgresServer;
use testkit::servers::redis::RedisServer;
use testkit::{Server, SmtpSink};

use super::witness::Witness;
use crate::Arguments;
use crate::http_client::Doors;
use crate::plan::Fault;

/// Each service runs so many times.
const REPLICAS: usize = 2;

/// Everything that runs.
pub(crate) struct Deployment {
    pub(crate) redis: RedisServer,
    pub(crate) kafka: KafkaServer,
    pub(crate) postgres: PostgresServer,
    /// What stands between our processes and Postgres.
    pub(crate) way_to_postgres: FreezingProxy,
    pub(crate) mails: Arc<SmtpSink>,
    /// The processes that should always run.
    pub(crate) replicas: Vec<Replica>,
    /// One more of each service with consumers, which comes and goes.
    pub(crate) spares: Vec<Replica>,
    lapses_of_kafka: usize,
    /// Whether our processes have clocks that can be set.
    has_clocks: bool,
    folder: TempDir,
}

/// One of our processes.
pub(crate) struct Replica {
    pub(crate) service: ServiceName,
    pub(crate) server: Server,
}

/// Those that hear events.
pub(crate) fn consumers() -> Vec<ServiceName> {
    ServiceName::all().iter().copied().filter(|service| service.facts().hears).collect()
}

impl Deployment {
    /// Starts everything and returns when all of it is ready.
    pub(crate) async fn start(Arguments { binary, fault, .. }: &Arguments) -> Result<Self> {
        let has_clocks = *fault == Some(Fault::ClockJumped);
        let Together { redis, kafka, postgres, folder } = Together::start("chaos-").await?;
        let mails = Arc::new(SmtpSink::start().await.context("the mail server can't be started")?);
        Witness::make_databases(&postgres).await?;
        let way_to_postgres = FreezingProxy::start(postgres.port()).await?;
        let (replicas, spares) = (Vec::new(), Vec::new());
        let mut deployment = Self {
            redis,
            kafka,
            postgres,
            way_to_postgres,
            mails,
            replicas,
            spares,
            lapses_of_kafka: 0,
            has_clocks,
            folder,
        };
        for &service in ServiceName::all() {
            for number in 1..=REPLICAS {
                deployment.replicas.push(deployment.replica(binary, service, number)?);
            }
        }
        for service in consumers() {
            deployment.spares.push(deployment.replica(binary, service, REPLICAS + 1)?);
        }
        deployment.set_clocks(0)?;
        try_join_all(deployment.replicas.iter_mut().map(|replica| replica.server.start())).await?;
        Ok(deployment)
    }

    fn replica(&self, binary: &Path, service: ServiceName, number: usize) -> Result<Replica> {
        let folder = self.folder.path().join(format!("{}-{number}", service.as_str()));
        let environment = self.environment(service);
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let server = Server::new(binary, &folder, &environment)?.serving(service.as_str());
        let server = if self.has_clocks { server.with_a_clock_of_its_own()? } else { server };
        Ok(Replica { service, server })
    }

    /// What every service is told, by each of the names that some service has for it; but Redis only those that callers sign in at.
    fn environment(&self, service: ServiceName) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("SERVER_HOST", "127.0.0.1".to_owned()),
            ("DB_HOST", "127.0.0.1".to_owned()),
            ("DB_PORT", self.way_to_postgres.port().to_string()),
            ("DB_USER", "postgres".to_owned()),
            ("SECRET_KEY", "only-for-chaos-0123456789abcdef0123456789".to_owned()),
            // Each client pretends to come from a network of its own, so that no limit per network slows the run.
            ("TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
            ("KAFKA_BROKERS", self.kafka.brokers()),
            ("KAFKA_BOOTSTRAP_SERVERS", self.kafka.brokers()),
            ("EMAIL_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_PORT", self.mails.port().to_string()),
            ("EMAIL_TLS", "none".to_owned()),
            ("EMAIL_FROM", "liman@example.com".to_owned()),
            ("EMAIL_VERIFY", "https://liman.example.com".to_owned()),
        ];
        // Whoever runs a restaurant writes its menu.
        if service.facts().needs_redis || service == ServiceName::Restaurant {
            environment.extend([
                ("REDIS_HOST", "127.0.0.1".to_owned()),
                ("REDIS_PORT", self.redis.port().to_string()),
                ("REDIS_URL", self.redis.url()),
            ]);
        }
        environment
    }

    /// Where clients find the fleet. A mail that a killed process had claimed waits until that is missed, and for a pause.
    pub(crate) fn doors(&self) -> Doors {
        Doors {
            of: ServiceName::all().iter().map(|service| (*service, self.doors_of(*service))).collect(),
            answer: Duration::from_secs(8),
            retry: Duration::from_millis(100),
            mail: Duration::from_secs(90),
            rest: Duration::from_millis(400),
        }
    }

    fn doors_of(&self, service: ServiceName) -> Vec<String> {
        let replicas = self.replicas.iter().filter(|replica| replica.service == service);
        replicas.map(|replica| replica.server.url("")).collect()
    }

    /// Starts Kafka again if, since the last call, it lost track of a partition in which it keeps where groups read on, and
    /// answers whether it had. It may not find back by itself then, and no member can join its group (seen with 4.1.0, once
    /// in about thirty kills).
    pub(crate) async fn mend_kafka(&mut self) -> Result<bool> {
        let log = std::fs::read_to_string(self.kafka.log())?;
        let lapses = log.matches("is out of sync with the underlying log").count();
        let has_lapsed = lapses > self.lapses_of_kafka;
        self.lapses_of_kafka = lapses;
        if has_lapsed {
            self.kafka.kill()?;
            self.kafka.restart().await?;
        }
        Ok(has_lapsed)
    }

    /// Sets the clock of all our processes: so many seconds ahead, or behind.
    pub(crate) fn set_clocks(&self, seconds: i64) -> Result<()> {
        let mut processes = self.replicas.iter().chain(&self.spares);
        Ok(processes.try_for_each(|replica| replica.server.set_clock(seconds))?)
    }

    /// A process that keeps accounts, and runs.
    pub(crate) fn auth(&self) -> Result<&Server> {
        let auth = self.replicas.iter().find(|replica| replica.service == ServiceName::Auth);
        Ok(&auth.context("nobody keeps accounts")?.server)
    }

    /// Returns when all that should run is ready.
    pub(crate) async fn wait_until_ready(&mut self) -> Result<()> {
        try_join_all(self.replicas.iter_mut().map(|replica| replica.server.wait_until_ready())).await?;
        Ok(())
    }

    /// Stops our processes in order.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let replicas = self.replicas.iter_mut();
        let stopped = try_join_all(replicas.map(|replica| replica.server.stop())).await?;
        ensure!(stopped.iter().all(std::process::ExitStatus::success), "a process did not stop in order");
        Ok(())
    }

    /// Leaves the folder with all logs where it is, and says where.
    pub(crate) fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }
}
