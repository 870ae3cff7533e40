//! What the tests of an outage share: people who use the platform all the while, what every process says of itself, and
//! what a plain client finds in Redis.

use std::collections::BTreeMap;
use std::io;

use contracts::Secret;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use testkit::servers::redis::RedisServer;

use crate::support::{Answer, Diner, Platform, Tokens, at_last, http_client, read};

/// Somebody who uses the platform without a pause, by a careful client: each attempt to refresh has a key of its own.
pub(super) struct Regular {
    diner: Diner,
    tokens: Tokens,
    attempt: u32,
}

impl Regular {
    /// Two of them, signed in.
    pub(super) async fn two(platform: &Platform) -> [Self; 2] {
        [Self::signed_up(platform, "berk@example.com").await, Self::signed_up(platform, "cem@example.com").await]
    }

    async fn signed_up(platform: &Platform, email: &str) -> Self {
        let (diner, tokens) = Diner::signed_up(platform, email).await;
        Self { diner, tokens, attempt: 0 }
    }

    /// The key of the session's refresh state.
    fn key(&self, platform: &Platform) -> String {
        key_of(platform, &self.tokens)
    }

    /// Asks for what is answered in any case, then refreshes; whether that could be done.
    async fn go_round(&mut self) -> bool {
        for path in ["/auth/me", "/users/preferences"] {
            let answer = self.diner.get_as(&self.tokens, path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
        let answer = self.diner.refresh_with_key(&self.tokens, &self.attempt.to_string()).await;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            expect_unavailable(&answer);
            return false;
        }
        self.tokens = answer.tokens();
        self.attempt += 1;
        true
    }

    async fn go_on_until_redis_is_missed(&mut self) {
        at_last("Redis is missed", async || (!self.go_round().await).then_some(())).await;
    }

    async fn go_on_until_redis_is_found(&mut self) {
        at_last("Redis is found again", async || self.go_round().await.then_some(())).await;
    }
}

/// Takes Redis away by `take` while `regulars` are at work, and returns when they miss it.
pub(super) async fn lose_redis(
    platform: &Platform,
    regulars: &mut [Regular],
    take: impl AsyncFnOnce(&mut RedisServer) -> io::Result<()>,
) {
    for regular in &mut *regulars {
        assert!(regular.go_round().await);
    }
    let mut redis = platform.servers().redis().await;
    let at_work = join_all(regulars.iter_mut().map(Regular::go_on_until_redis_is_missed));
    let (_, taken) = tokio::join!(at_work, take(&mut redis));
    taken.unwrap();
}

/// Brings Redis back by `bring` while `regulars` try to go on, and returns when they do and every process has found it.
pub(super) async fn regain_redis(
    platform: &Platform,
    regulars: &mut [Regular],
    bring: impl AsyncFnOnce(&mut RedisServer) -> io::Result<()>,
) {
    let mut redis = platform.servers().redis().await;
    let at_work = join_all(regulars.iter_mut().map(Regular::go_on_until_redis_is_found));
    let (_, brought) = tokio::join!(at_work, bring(&mut redis));
    brought.unwrap();
    expect_ready(platform).await;
}

/// Everything that stands in Redis, but for what `regulars` change all the while: each key with its type, its value and the
/// time at which it ends, as a plain client is told them.
pub(super) async fn what_stands(platform: &Platform, regulars: &[Regular]) -> BTreeMap<String, String> {
    let redis = platform.servers().redis().await;
    let changing: Vec<String> = regulars.iter().map(|regular| regular.key(platform)).collect();
    let keys = redis.cli(&["KEYS", "*"]).unwrap();
    // Readiness writes to see whether it can, and each run of Redis has an epoch of its own.
    let ours = ["health", "feed:health", "feed:epoch"];
    // What is cached comes and goes by itself.
    let is_ours = |key: &str| ours.contains(&key) || key.starts_with("cache:");
    let lasting = keys.lines().filter(|key| !is_ours(key) && !changing.iter().any(|changing| changing == key));
    lasting.filter_map(|key| Some((key.to_owned(), describe(&redis, key)?))).collect()
}

/// `None` where the key is gone by now.
fn describe(redis: &RedisServer, key: &str) -> Option<String> {
    let kind = redis.cli(&["TYPE", key]).unwrap();
    let question = match kind.as_str() {
        "string" => vec!["GET", key],
        "zset" => vec!["ZRANGE", key, "0", "-1", "WITHSCORES"],
        "stream" => vec!["XRANGE", key, "-", "+"],
        "none" => return None,
        other => panic!("{key} is a {other}"),
    };
    let value = redis.cli(&[&["--no-raw"], &question[..]].concat()).unwrap();
    let end = redis.cli(&["PEXPIRETIME", key]).unwrap();
    Some(format!("{kind} until {end}: {value}"))
}

/// The key at which the refresh state of a session stands.
pub(super) fn key_of(platform: &Platform, tokens: &Tokens) -> String {
    format!("refresh:{}", platform.claims(&tokens.access)["sid"].as_str().unwrap())
}

/// It is what a platform answers that misses Redis.
pub(super) fn expect_unavailable(answer: &Answer) {
    let said = (answer.status, answer.code());
    assert_eq!(said, (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".to_owned()), "{}", answer.text);
    assert_eq!(answer.headers["retry-after"], "1");
}

/// Returns when every process has heard nothing of revocations for so long that it says so.
pub(super) async fn expect_silence_reported(platform: &Platform) {
    for url in platform.urls_everywhere("/health/ready") {
        let report = at_last("the silence is reported", async || {
            let report = read(http_client().get(&url)).await;
            let is_reported = check(&report, "revocations")["reason"].is_string();
            is_reported.then_some(report)
        });
        let report = report.await;
        assert_eq!(report.status, StatusCode::SERVICE_UNAVAILABLE, "{}", report.text);
        assert_eq!(report.headers["retry-after"], "1");
        assert_eq!(report.json()["status"], "not_ready");
        let redis = check(&report, "ephemeral");
        assert_eq!(redis["status"], "not_ready");
        assert!(redis["reason"].as_str().unwrap().contains("Redis at 127.0.0.1:"), "{redis}");
        let feed = check(&report, "revocations");
        assert_eq!(feed["reason"], "the feed of revocations has been silent for three seconds");
    }
}

/// Returns when every process finds everything well again.
pub(super) async fn expect_ready(platform: &Platform) {
    for url in platform.urls_everywhere("/health/ready") {
        at_last("every process is ready", async || {
            let report = read(http_client().get(&url)).await;
            let is_well = |name| check(&report, name)["status"] == "ready";
            (report.status == StatusCode::OK && is_well("ephemeral") && is_well("revocations")).then_some(())
        })
        .await;
    }
}

fn check(report: &Answer, name: &str) -> Value {
    let report = report.json();
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("no checks in {report}"));
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {report}")).clone()
}

/// Somebody who runs the platform, signed in.
pub(in crate::journeys) async fn sign_in_an_admin(platform: &Platform) -> (Diner, Tokens) {
    let admin = Diner::new(platform, "yonetici@example.com");
    let password = Secret::new(admin.password.clone());
    auth::admin::create(platform.database(), admin.email.parse().unwrap(), password).await.unwrap();
    let tokens = admin.login().await.tokens();
    (admin, tokens)
}
