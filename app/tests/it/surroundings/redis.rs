//! A Redis that bars the way, or comes late.

use reqwest::StatusCode;
use testkit::servers::redis::{RedisDoor, RedisServer};
use testkit::servers::shared;

use super::process::{Process, Readiness};

const ANOTHER_PASSWORD: &str = "a-password-of-nobody-yet";

#[tokio::test]
async fn a_wrong_password_is_told_until_redis_takes_it() {
    if !shared::are_wanted() {
        return;
    }
    let redis = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
    let url = redis.url().replace(RedisServer::PASSWORD, ANOTHER_PASSWORD);

    let process = Process::launch(&[("REDIS_URL", &url)]);
    let barred = process.sees("ephemeral", "not_ready", "WRONGPASS").await;
    redis.cli(&["ACL", "SETUSER", RedisServer::USER, &format!(">{ANOTHER_PASSWORD}")]).unwrap();
    process.is_ready().await;

    is_told(&process, &redis, &barred, "WRONGPASS").await;
    assert!(!barred.reason.contains(ANOTHER_PASSWORD) && !process.log().contains(ANOTHER_PASSWORD));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told_until_redis_shows_another() {
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

    is_told(&process, &redis, &barred, "invalid peer certificate").await;
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

    is_told(&process, &redis, &barred, "refused").await;
    is_told_once(&process, "task=\"auth sweep\"");
    is_told_once(&process, "the revocation feed does not answer");
    assert_eq!(registered_before, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(process.register("again@example.com").await, StatusCode::CREATED);
}

/// That an outage fills no log, however often a task tries.
fn is_told_once(process: &Process, words: &str) {
    let log = process.log();
    let told = log.lines().filter(|line| line.contains("WARN") && line.contains(words)).count();
    assert_eq!(told, 1, "{log}");
}

/// That the process was not ready because of `redis`, and why, stands in readiness and in the log.
async fn is_told(process: &Process, redis: &RedisServer, barred: &Readiness, reason: &str) {
    let place = format!("Redis at 127.0.0.1:{}", redis.port());
    let line = process.warns_of("Redis is away").await;
    assert_eq!((barred.answer, barred.status.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not_ready"));
    for told in [&barred.reason, &line] {
        assert!(told.contains(&place) && told.contains(reason), "{told}");
    }
    assert_eq!(process.log().matches("Redis is away").count(), 1, "{}", process.log());
}
