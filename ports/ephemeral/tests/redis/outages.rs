//! Redis goes away and comes back.

use std::time::{Duration, Instant};

use clock::{ManualClock, Sources, SystemRandom, Timestamp};
use ephemeral::{EphemeralError, EphemeralStore, Followed, Position, Redis};
use futures_util::future::join_all;
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;
use tokio::task::JoinSet;

use crate::harness::{address, at_last, connect};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);
/// As good as at once, on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_away_refuses_at_once_and_is_used_again_when_it_is_back() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    store.put("key", b"value", HOUR).await.unwrap();

    server.kill().unwrap();
    let start = Instant::now();
    for _ in 0..1000 {
        let refused = store.get("key").await;
        assert!(matches!(refused, Err(EphemeralError::Unavailable(_))), "{refused:?}");
    }
    let waited = start.elapsed();
    let check = store.check().await.unwrap_err().to_string();
    server.restart().await.unwrap();
    let found = at_last(async || store.get("key").await).await;

    assert!(waited < SECOND, "{waited:?} for a thousand refusals");
    assert!(check.contains("refused"), "{check}");
    assert_eq!(found.as_deref(), Some(&b"value"[..]));
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_in_the_middle_of_which_redis_is_killed_goes_on_afterwards() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let writers = (0..8).map(async |writer| {
        let mut answered = Vec::new();
        for number in 0..300 {
            let key = format!("{writer}: {number}");
            at_last(async || store.put(&key, b"value", HOUR).await).await;
            answered.push(key);
        }
        answered
    });

    let kills = async {
        for _ in 0..3 {
            server.kill().unwrap();
            server.restart().await.unwrap();
        }
    };
    let (answered, ()) = tokio::join!(join_all(writers), kills);

    let answered = answered.concat();
    for key in &answered {
        assert!(store.get(key).await.unwrap().is_some(), "{key} was answered and is lost");
    }
    assert_eq!(answered.len(), 8 * 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_away_at_the_start_is_used_once_it_is_there() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    server.kill().unwrap();

    let store = connect(&address(&server)).await;
    let refused = store.get("key").await;
    server.restart().await.unwrap();
    let found = at_last(async || store.get("key").await).await;

    assert!(matches!(refused, Err(EphemeralError::Unavailable(_))), "{refused:?}");
    assert_eq!(found, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_costs_a_call_at_most_its_time_limit() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let hurried =
        ephemeral::RedisServer { command_timeout: ephemeral::RedisServer::COMMAND_TIMEOUT, ..address(&server) };
    let store = connect(&hurried).await;

    server.pause().unwrap();
    let together = calls_at_once(&store, 100).await;
    let probe = calls_at_once(&store, 1).await;
    let refused = calls_at_once(&store, 100).await;
    server.resume().unwrap();
    at_last(async || store.get("key").await).await;

    assert!(together < SECOND, "{together:?} until all gave up");
    assert!(probe < SECOND * 3 / 2, "{probe:?} until one found that it still hangs");
    assert!(refused < AT_ONCE || refused < SECOND * 3 / 2 && probe < AT_ONCE, "{refused:?} after {probe:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_whose_caller_goes_away_keeps_nobody_out() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    // A clock that stands still: whoever has to wait for it waits for ever.
    let sources = Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH), SystemRandom);
    let store = Redis::open(&address(&server), sources).await.unwrap();
    store.put("key", b"value", HOUR).await.unwrap();
    server.kill().unwrap();
    let away = store.get("key").await;
    server.restart().await.unwrap();

    server.pause().unwrap();
    let hung_up = tokio::time::timeout(AT_ONCE, store.get("key")).await;
    server.resume().unwrap();
    let found = at_last(async || store.get("key").await).await;

    assert!(away.is_err() && hung_up.is_err(), "{away:?}, {hung_up:?}");
    assert_eq!(found.as_deref(), Some(&b"value"[..]));
}

/// How long the longest of `count` refused calls takes.
async fn calls_at_once(store: &Redis, count: usize) -> Duration {
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let store = store.clone();
        calls.spawn(async move { store.get("key").await });
    }
    for refused in calls.join_all().await {
        assert!(matches!(refused, Err(EphemeralError::Unavailable(_))), "{refused:?}");
    }
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_goes_on_without_a_gap_when_what_it_follows_survived() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let before = store.append("feed", b"before", HOUR).await.unwrap();

    let (followed, after) = tokio::join!(at_last(async || store.follow("feed", before, HOUR).await), async {
        server.kill().unwrap();
        server.restart().await.unwrap();
        at_last(async || store.append("feed", b"after", HOUR).await).await
    });

    assert_eq!(followed, Followed { entries: vec![(after, b"after".to_vec())], ..Followed::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_is_notified_of_a_wipe_while_it_waits() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let before = store.append("feed", b"before", HOUR).await.unwrap();

    let (followed, wiped) = tokio::join!(store.follow("feed", before, HOUR), async { server.wipe() });

    wiped.unwrap();
    assert_eq!(followed.unwrap(), Followed { gap: true, ..Followed::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_meets_a_restarted_and_wiped_redis_is_notified_of_the_gap() {
    if !shared::are_wanted() {
        return;
    }
    let mut server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let before = store.append("feed", b"before", HOUR).await.unwrap();

    server.kill().unwrap();
    server.wipe().unwrap();
    server.restart().await.unwrap();
    let after = at_last(async || store.append("feed", b"after", HOUR).await).await;
    let followed = store.follow("feed", before, HOUR).await.unwrap();

    assert_eq!(followed, Followed { entries: vec![(after, b"after".to_vec())], gap: true, more: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_went_away_leaves_the_others_alone() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let impatient = tokio::time::timeout(AT_ONCE, store.follow("feed", Position::START, HOUR)).await;

    let (followed, appended) =
        tokio::join!(store.follow("feed", Position::START, HOUR), store.append("feed", b"news", HOUR));

    assert!(impatient.is_err());
    assert_eq!(followed.unwrap().entries, [(appended.unwrap(), b"news".to_vec())]);
    let waiting = async || match server.cli(&["INFO", "clients"]).unwrap().contains("blocked_clients:0") {
        true => Ok(()),
        false => Err("somebody waits for nobody"),
    };
    at_last(waiting).await;
}
