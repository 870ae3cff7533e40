//! A Redis that bars the way, comes late, or is not there at all.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use testkit::servers::redis::{RedisDoor, RedisServer};
use testkit::servers::shared;

use super::fleet::Fleet;
use super::process::{Process, Readiness};
use crate::support::{http_client, read, token_in};

const ANOTHER_PASSWORD: &str = "a-password-of-nobody-yet";
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_wrong_password_is_reported_until_redis_takes_it() {
    if !shared::are_wanted() {
        return;
    }
    let redis = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
    let url = redis.url().replace(RedisServer::PASSWORD, ANOTHER_PASSWORD);

    let process = Process::launch(&[("REDIS_URL", &url)]);
    let barred = process.sees("ephemeral", "not_ready", "WRONGPASS").await;
    redis.cli(&["ACL", "SETUSER", RedisServer::USER, &format!(">{ANOTHER_PASSWORD}")]).unwrap();
    process.is_ready().await;

    is_reported(&process, &redis, &barred, "WRONGPASS").await;
    assert!(!barred.reason.contains(ANOTHER_PASSWORD) && !process.log().contains(ANOTHER_PASSWORD));
}

#[tokio::test]
async fn a_command_that_redis_forbids_is_named_until_it_may_be_used() {
    if !shared::are_wanted() {
        return;
    }
    let redis = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
    let allow = |rule: &str| redis.cli(&["ACL", "SETUSER", RedisServer::USER, rule]).unwrap();
    let process = Process::launch(&[("REDIS_URL", &redis.url())]);
    process.is_ready().await;

    for command in ["evalsha", "get", "zrem", "zremrangebyrank"] {
        allow(&format!("-{command}"));
        process.sees("ephemeral", "not_ready", command).await;
        allow(&format!("+{command}"));
        process.is_ready().await;
    }
    // Within a script Redis says only that it was one of its commands.
    for command in ["set", "zadd", "xadd"] {
        allow(&format!("-{command}"));
        process.sees("ephemeral", "not_ready", "").await;
        allow(&format!("+{command}"));
        process.is_ready().await;
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_reported_until_redis_shows_another() {
    if !shared::are_wanted() {
        return;
    }
    let mut redis = RedisServer::start_with(RedisDoor::Tls, "").await.unwrap();
    let trusted = RedisServer::start_with(RedisDoor::Tls, "").await.unwrap();
    let authority = trusted.authority();

    let process = Process::launch(&[("REDIS_URL", &redis.url()), ("REDIS_CA_FILE", authority.to_str().unwrap())]);
    let barred = process.sees("ephemeral", "not_ready", "invalid peer certificate").await;
    redis.kill().unwrap();
    redis.take_certificate_of(&trusted).unwrap();
    redis.restart().await.unwrap();
    process.is_ready().await;

    is_reported(&process, &redis, &barred, "invalid peer certificate").await;
    assert!(!process.log().contains(RedisServer::PASSWORD));
}

#[tokio::test]
async fn a_redis_that_comes_late_is_waited_for() {
    if !shared::are_wanted() {
        return;
    }
    let mut redis = RedisServer::start().await.unwrap();
    redis.kill().unwrap();

    let process = Process::launch(&[("REDIS_URL", &redis.url())]);
    let barred = process.sees("ephemeral", "not_ready", "refused").await;
    let registered_before = process.register("once@example.com").await;
    redis.restart().await.unwrap();
    process.is_ready().await;

    is_reported(&process, &redis, &barred, "refused").await;
    is_logged_once(&process, "task=\"auth sweep\"");
    is_logged_once(&process, "the revocation feed does not answer");
    assert_eq!(registered_before, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(process.register("again@example.com").await, StatusCode::CREATED);
}

#[tokio::test]
async fn notification_alone_sends_without_redis_and_says_what_it_can_t_do() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let (mut auth, mut notification) =
        (fleet.process("auth"), fleet.process_with("notification", &[("REDIS_URL", "")]));
    auth.server.start().await.unwrap();
    notification.server.start().await.unwrap();

    let registered = auth.register("ayse@example.com").await;
    let mails = fleet.mails.wait_for(1, TIMEOUT).await.unwrap();
    let proof = json!({ "token": token_in(&mails[0]) });
    let tokens = read(http_client().post(auth.server.url("/auth/verify-email")).json(&proof)).await.tokens();
    let topics = http_client().get(notification.server.url("/admin/topics")).header("accept-language", "en");
    let topics = read(topics.bearer_auth(&tokens.access)).await;

    notification.is_ready().await;
    assert_eq!(registered, StatusCode::CREATED);
    assert_eq!(topics.status, StatusCode::SERVICE_UNAVAILABLE, "{}", topics.text);
    assert_eq!(topics.json()["message"], "This service can't check sessions until REDIS_URL is set.");
}

/// That an outage fills no log, however often a task tries.
fn is_logged_once(process: &Process, words: &str) {
    let log = process.log();
    let logged = log.lines().filter(|line| line.contains("WARN") && line.contains(words)).count();
    assert_eq!(logged, 1, "{log}");
}

/// That the process was not ready because of `redis`, and why, stands in readiness and in the log.
async fn is_reported(process: &Process, redis: &RedisServer, barred: &Readiness, reason: &str) {
    let place = format!("Redis at 127.0.0.1:{}", redis.port());
    let line = process.warns_of("Redis is away").await;
    assert_eq!((barred.answer, barred.status.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not_ready"));
    for report in [&barred.reason, &line] {
        assert!(report.contains(&place) && report.contains(reason), "{report}");
    }
    assert_eq!(process.log().matches("Redis is away").count(), 1, "{}", process.log());
}
