//! Connections to Postgres that fall silent, as after a failover or behind a half-open NAT, while new ones work.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::StatusCode;
use testkit::servers::FreezingProxy;
use testkit::servers::postgres::{TestDatabase, fresh_database};

use super::process::Process;
use crate::support::server::{name_of, sign_up};
use crate::support::{at_last, http_client};

/// A process on a Postgres whose connections can fall silent, and the access token of a user.
struct Proxied {
    database: TestDatabase,
    proxy: FreezingProxy,
    process: Process,
    ayse: String,
}

impl Proxied {
    /// None where servers are not wanted.
    async fn start() -> Option<Self> {
        let database = fresh_database("empty", async |_| {}).await?;
        let proxy = FreezingProxy::start(database.port()).await.unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{}/{}", proxy.port(), database.name());
        let mut process = Process::new(&[("DATABASE_URL", &url)]);
        process.server.start().await.unwrap();
        let ayse = sign_up(&process.server, "ayse@example.com").await;
        Some(Self { database, proxy, process, ayse })
    }
}

/// Twelve requests at once that need the database: their answers, and how long the last one took.
async fn volley(process: &Process, token: &str) -> (Vec<StatusCode>, Duration) {
    let profile = || http_client().get(process.server.url("/users/me")).bearer_auth(token).send();
    let started = Instant::now();
    let answers = join_all((0..12).map(|_| async { profile().await.unwrap().status() })).await;
    (answers, started.elapsed())
}

#[tokio::test]
async fn silence_costs_seconds_once_and_neither_the_pool_nor_the_process() {
    let Some(Proxied { proxy, mut process, ayse, database: _database }) = Proxied::start().await else { return };
    let volley = async || volley(&process, &ayse).await;
    assert_eq!(volley().await.0, [StatusCode::OK; 12]);

    for round in 1..=2 {
        proxy.freeze();
        let (first, waited) = volley().await;
        let (second, _) = volley().await;
        // The server lets go of the lock five seconds after it heard of its holder for the last time.
        at_last("the lock is confirmed again", async || {
            (process.log().matches("is confirmed again").count() == round).then_some(())
        })
        .await;

        let expected = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
        assert!(first.iter().all(|status| expected.contains(status)), "round {round}: {first:?}");
        assert!(waited < Duration::from_secs(5), "round {round}: {waited:?}");
        assert_eq!(second, [StatusCode::OK; 12], "round {round}");
    }

    assert_eq!(name_of(&process.server, &ayse).await, "Ayşe Yılmaz");
    assert!(process.server.stop().await.unwrap().success());
}

#[tokio::test]
async fn a_postgres_that_hangs_costs_a_request_two_seconds_until_it_answers_again() {
    let Some(Proxied { database, proxy, mut process, ayse }) = Proxied::start().await else { return };
    let volley = async || volley(&process, &ayse).await;
    volley().await;
    // It lets everybody in, and says nothing.
    let hanging = TcpListener::bind(("127.0.0.1", 0)).unwrap();

    proxy.switch_over(hanging.local_addr().unwrap().port());
    proxy.freeze();
    let volleys = [volley().await, volley().await];
    proxy.switch_over(database.port());
    at_last("Postgres is used again", async || (volley().await.0 == [StatusCode::OK; 12]).then_some(())).await;

    for (answers, waited) in volleys {
        assert_eq!(answers, [StatusCode::SERVICE_UNAVAILABLE; 12]);
        assert!(waited < Duration::from_secs(5), "{waited:?}");
    }
    assert!(process.server.stop().await.unwrap().success());
}

/// The migrations' turn, taken; then the end as soon as another session has had a lock for longer than the five seconds
/// that the server lets it be silent.
const HOLD_MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(6678981311064825025); DO $$ BEGIN \
    FOR i IN 1..300 LOOP \
        PERFORM pg_stat_clear_snapshot(); \
        IF EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) \
            WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND datname = current_database() \
            AND backend_start < clock_timestamp() - interval '6 seconds') THEN RETURN; END IF; \
        PERFORM pg_sleep(0.05); \
    END LOOP; \
    RAISE 'nobody kept a lock'; END $$";

#[tokio::test]
async fn a_start_that_takes_long_does_not_cost_the_process_its_lock() {
    let Some(database) = fresh_database("empty", async |_| {}).await else { return };
    // Without a key it keeps one in the database, for which it would migrate before it has the lock.
    let key = ("SECRET_KEY", "a root key that all replicas share");
    let mut process = Process::new(&[("DATABASE_URL", &database.url()), key]);

    let ((), started) = tokio::join!(database.execute(HOLD_MIGRATION_LOCK), process.server.start());

    started.unwrap();
    sign_up(&process.server, "ayse@example.com").await;
    assert!(process.server.stop().await.unwrap().success());
    assert!(!process.log().contains("can't be confirmed"), "{}", process.log());
}
