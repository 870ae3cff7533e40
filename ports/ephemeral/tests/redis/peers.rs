//! What others find in the same Redis, and what we make of what they left there.

use std::time::Duration;

use ephemeral::{Count, EphemeralError, EphemeralStore, Expiring, Position, Swap, Window};
use testkit::servers::redis::RedisServer;
use testkit::servers::shared;

use crate::harness::{address, connect};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_value_is_a_plain_string_with_a_time_to_live() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;

    store.put("pending_user:put", b"1", DAY).await.unwrap();
    store.swap("pending_user:claimed", None, Some(Expiring { value: b"1", ttl: DAY })).await.unwrap();

    for key in ["pending_user:put", "pending_user:claimed"] {
        assert_eq!(server.cli(&["TYPE", key]).unwrap(), "string");
        assert_eq!(server.cli(&["GET", key]).unwrap(), "1");
        let left: u128 = server.cli(&["PTTL", key]).unwrap().parse().unwrap();
        assert!(left <= DAY.as_millis() && left > DAY.as_millis() - 60_000, "{left} ms");
    }
}

#[tokio::test]
async fn what_a_peer_wrote_is_read_and_taken() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    server.cli(&["SET", "blacklist:jti", "true", "EX", "900"]).unwrap();
    server.cli(&["SET", "pending_user:1", "1"]).unwrap();

    let read = store.get("blacklist:jti").await.unwrap();
    let taken = store.swap("pending_user:1", Some(b"1"), None).await.unwrap();

    assert_eq!(read.as_deref(), Some(&b"true"[..]));
    assert_eq!(taken, Swap::Done);
    assert_eq!(server.cli(&["EXISTS", "pending_user:1"]).unwrap(), "0");
}

#[tokio::test]
async fn a_database_has_its_own_keys() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&ephemeral::RedisServer { database: 3, ..address(&server) }).await;

    store.put("key", b"value", DAY).await.unwrap();

    assert_eq!(server.cli(&["EXISTS", "key"]).unwrap(), "0");
    assert_eq!(server.cli(&["-n", "3", "GET", "key"]).unwrap(), "value");
}

#[tokio::test]
async fn scripts_are_loaded_again_into_a_redis_that_forgot_them() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let two = Window { limit: 2, length: DAY };
    let value = Expiring { value: b"value", ttl: DAY };

    for round in 1..=2 {
        let key = format!("round {round}");
        assert_eq!(store.swap(&key, None, Some(value)).await.unwrap(), Swap::Done);
        assert_eq!(store.count("window", key.as_bytes(), two).await.unwrap(), Count::Within(round));
        store.append("feed", key.as_bytes(), DAY).await.unwrap();
        server.cli(&["SCRIPT", "FLUSH"]).unwrap();
    }

    assert_eq!(store.follow("feed", Position::START, DAY).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_feed_that_somebody_else_writes_to_is_foreign() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    server.cli(&["XADD", "theirs", "*", "some", "thing"]).unwrap();
    server.cli(&["SET", "no feed", "at all"]).unwrap();

    let followed = store.follow("theirs", Position::START, DAY).await;
    let value_followed = store.follow("no feed", Position::START, DAY).await;
    let appended = store.append("no feed", b"entry", DAY).await;

    assert!(matches!(followed, Err(EphemeralError::Foreign { .. })), "{followed:?}");
    assert!(matches!(value_followed, Err(EphemeralError::Foreign { .. })), "{value_followed:?}");
    assert!(matches!(appended, Err(EphemeralError::Foreign { .. })), "{appended:?}");
}

#[tokio::test]
async fn what_is_over_leaves_the_memory_of_redis() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    let short = Duration::from_millis(10);
    for number in 0..50_u8 {
        store.append("feed", &[number], short).await.unwrap();
    }
    store.count("window", b"member", Window { limit: 1, length: short }).await.unwrap();

    let left = crate::harness::at_last(async || {
        store.append("feed", b"last", short).await.unwrap();
        let left = ["XLEN feed", "EXISTS window"].map(|ask| server.cli(&ask.split(' ').collect::<Vec<_>>()).unwrap());
        if left[0].parse::<u32>().unwrap() < 10 && left[1] == "0" { Ok(left) } else { Err(left) }
    });
    left.await;
}

/// A Redis whose default user is off forgets at a restart what it did in transactions, and revocations must not be.
#[tokio::test]
async fn an_append_is_a_single_write_even_if_it_trims() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;

    for number in 0..30_u8 {
        store.append("feed", &[number], Duration::ZERO).await.unwrap();
    }

    let written = server.cli(&["INFO", "commandstats"]).unwrap();
    assert!(written.contains("cmdstat_xadd:calls=30,"), "{written}");
    let file = server.log().with_file_name("appendonlydir").join("appendonly.aof.1.incr.aof");
    let file = std::fs::read(file).unwrap();
    let transactions = file.windows(5).filter(|word| *word == b"MULTI").count();
    assert_eq!(transactions, 0);
}

#[tokio::test]
async fn times_without_end_are_no_overflow() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;

    store.put("key", b"value", Duration::MAX).await.unwrap();
    let counted = store.count("window", b"member", Window { limit: 1, length: Duration::MAX }).await.unwrap();
    let full = store.count("window", b"another", Window { limit: 1, length: Duration::MAX }).await.unwrap();
    let position = store.append("feed", b"entry", Duration::MAX).await.unwrap();
    let followed = store.follow("feed", Position::START, Duration::MAX).await.unwrap();

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(counted, Count::Within(1));
    assert!(matches!(full, Count::Full { .. }), "{full:?}");
    assert_eq!(followed.entries, [(position, b"entry".to_vec())]);
}
