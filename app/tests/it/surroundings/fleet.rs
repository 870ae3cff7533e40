//! Services alone, each as a process of its own, on the same servers.

use std::path::Path;

use testkit::SmtpSink;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;

use super::process::Process;
use crate::support::PROGRAM;

/// What the processes of one fleet stand on, with a database and topics that nobody else uses.
pub(super) struct Fleet {
    pub(super) database: TestDatabase,
    pub(super) kafka: String,
    pub(super) mails: SmtpSink,
    pub(super) redis: RedisServer,
}

/// All services, in one process.
pub(super) const ALL: &str = "all";

impl Fleet {
    /// A fleet without a process yet; none in a run without servers.
    pub(super) async fn prepare() -> Option<Self> {
        Some(Self {
            kafka: shared::kafka()?,
            database: fresh_database("empty", async |_| {}).await?,
            mails: SmtpSink::start().await.unwrap(),
            redis: RedisServer::start().await.unwrap(),
        })
    }

    /// What `topic` is called in Kafka.
    pub(super) fn topic(&self, topic: &str) -> String {
        format!("surroundings-{}-{topic}", self.database.name())
    }

    /// A process that serves `service`, not started yet.
    pub(super) fn process(&self, service: &str) -> Process {
        self.process_with(service, &[])
    }

    /// The same, set as `changes` say besides. `service` may be [`ALL`].
    pub(super) fn process_with(&self, service: &str, changes: &[(&str, &str)]) -> Process {
        self.process_of(Path::new(PROGRAM), service, changes)
    }

    /// The same of another `program`.
    pub(super) fn process_of(&self, program: &Path, service: &str, changes: &[(&str, &str)]) -> Process {
        let environment = [
            ("DATABASE_URL", self.database.url()),
            ("REDIS_URL", self.redis.url()),
            ("KAFKA_BROKERS", self.kafka.clone()),
            ("KAFKA_TOPIC_PREFIX", self.topic("")),
            ("KAFKA_GROUP_ID", self.topic(service)),
            ("SECRET_KEY", "a root key that all replicas share".to_owned()),
            ("SERVER_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_PORT", self.mails.port().to_string()),
            ("EMAIL_TLS", "none".to_owned()),
            ("EMAIL_FROM", "liman@example.com".to_owned()),
            ("EMAIL_VERIFY", "https://liman.example.com".to_owned()),
        ];
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Process { server, folder } = Process::of(program, &[&environment[..], changes].concat());
        Process { server: if service == ALL { server } else { server.serving(service) }, folder }
    }
}
