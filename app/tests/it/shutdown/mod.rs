//! SIGTERM in the middle of work: who sent a request gets a whole answer, nothing happens twice, and it does not take long.

mod connection;
mod crowd;

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use clock::Sources;
use tempfile::TempDir;
use testkit::servers::postgres::{TestDatabase, fresh_database};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;
use testkit::{Server, SmtpSink};

use crate::support::{PROGRAM, at_last, http_client, in_time};
use connection::Connection;
use crowd::Crowd;

/// How long a process may take until it has ended.
const PROMISED: Duration = Duration::from_secs(5);
/// How often each is asked to stop.
const ROUNDS: u32 = 5;

/// A server, and everything that it stands on.
struct Deployment {
    server: Server,
    mails: std::sync::Arc<SmtpSink>,
    _stands_on: Option<(RedisServer, TestDatabase)>,
    _folder: TempDir,
}

#[tokio::test]
async fn whoever_sent_a_request_before_the_signal_gets_a_whole_answer() {
    let mut deployment = Deployment::embedded().await;
    deployment.server.start().await.unwrap();
    let mut used = Vec::new();
    for _ in 0..20 {
        let mut connection = Connection::open(&deployment.server).await;
        connection.get("/health/live").await;
        assert_eq!(connection.whole_answer().await.unwrap(), 200);
        used.push(connection);
    }

    deployment.server.pause().await.unwrap();
    let mut fresh = Vec::new();
    for number in 0..40 {
        let mut connection = Connection::open(&deployment.server).await;
        connection.register(&format!("d{number}@example.com")).await;
        fresh.push(connection);
    }
    for connection in &mut used {
        connection.get("/auth/me").await;
    }
    deployment.server.ask_to_stop().await.unwrap();
    deployment.server.resume().await.unwrap();

    for connection in &mut used {
        assert_eq!(connection.whole_answer().await.unwrap(), 401);
    }
    for connection in &mut fresh {
        let answer = connection.whole_answer().await.unwrap();
        assert!([201, 429, 503].contains(&answer), "{answer}");
    }
    let (status, took) = deployment.has_ended(Sources::system().now()).await;
    assert!(status.success() && took <= PROMISED, "{status} after {took:?}");
}

#[tokio::test]
async fn an_embedded_platform_stops_under_load_without_cutting_or_repeating_anything() {
    stops_in_order(Deployment::embedded().await).await;
}

#[tokio::test]
async fn a_platform_on_servers_stops_under_load_without_cutting_or_repeating_anything() {
    if let Some(deployment) = Deployment::on_servers().await {
        stops_in_order(deployment).await;
    }
}

async fn stops_in_order(mut deployment: Deployment) {
    deployment.server.start().await.unwrap();
    let crowd = Crowd::gather(&deployment.server, &deployment.mails);
    for round in 1..=ROUNDS {
        crowd.is_at_work().await;
        assert_eq!(deployment.count("bus_inbox_duplicates_total").await, 0, "redelivered in round {round}");
        let asked = Sources::system().now();
        deployment.server.ask_to_stop().await.unwrap();
        let (status, took) = deployment.has_ended(asked).await;
        assert!(status.success() && took <= PROMISED, "{status} after {took:?} in round {round}");
        deployment.server.start().await.unwrap();
    }
    let done = crowd.go_home().await;

    assert_eq!(done.cut_off, Vec::<String>::new());
    for email in &done.registered {
        at_last(&format!("{email} gets a mail"), async || deployment.mails_to(email).first().map(drop)).await;
    }
    assert_eq!(deployment.count("bus_inbox_duplicates_total").await, 0);
    assert_eq!(deployment.count("mail_ambiguous_total").await, 0);
    let mails = deployment.mails.mails();
    let distinct: HashSet<String> = mails.iter().map(testkit::ReceivedMail::message_id).collect();
    assert_eq!(distinct.len(), mails.len(), "a mail came twice");
    assert!(deployment.server.stop().await.unwrap().success());
}

impl Deployment {
    async fn embedded() -> Self {
        Self::on(&[], None).await
    }

    /// One process on Postgres, Redis and Kafka; none in a run without servers.
    async fn on_servers() -> Option<Self> {
        let kafka = shared::kafka()?;
        let database = fresh_database("empty", async |_| {}).await?;
        let redis = RedisServer::start().await.unwrap();
        let environment = [
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", redis.url()),
            ("KAFKA_BROKERS", kafka),
            ("KAFKA_TOPIC_PREFIX", format!("shutdown-{}-", database.name())),
            ("SERVER_HOST", "127.0.0.1".to_owned()),
        ];
        Some(Self::on(&environment, Some((redis, database))).await)
    }

    async fn on(environment: &[(&str, String)], stands_on: Option<(RedisServer, TestDatabase)>) -> Self {
        let mails = std::sync::Arc::new(SmtpSink::start().await.unwrap());
        let port = mails.port().to_string();
        let common = [
            ("TRUSTED_PROXIES", "127.0.0.1/32"),
            ("EMAIL_HOST", "127.0.0.1"),
            ("EMAIL_PORT", &port),
            ("EMAIL_TLS", "none"),
            ("EMAIL_FROM", "liman@example.com"),
        ];
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).chain(common).collect();
        let folder = tempfile::tempdir().unwrap();
        let server = Server::new(Path::new(PROGRAM), &folder.path().join("data"), &environment).unwrap();
        Self { server, mails, _stands_on: stands_on, _folder: folder }
    }

    /// How the process ended, and how long after it was `asked` to.
    async fn has_ended(&mut self, asked: clock::Timestamp) -> (ExitStatus, Duration) {
        let status = in_time("the process ends", self.server.wait_until_ended()).await.unwrap();
        (status, (Sources::system().now() - asked).to_std().unwrap())
    }

    /// What the running process counted under `name`, in all.
    async fn count(&self, name: &str) -> u64 {
        let counts = http_client().get(self.server.url("/metrics")).send().await.unwrap().text().await.unwrap();
        let of_name = counts.lines().filter(|line| line.starts_with(name));
        of_name.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    fn mails_to(&self, email: &str) -> Vec<testkit::ReceivedMail> {
        self.mails.mails().into_iter().filter(|mail| mail.to.iter().any(|to| to == email)).collect()
    }
}
