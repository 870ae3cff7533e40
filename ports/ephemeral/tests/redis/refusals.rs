//! A Redis that is there and does not do what it should says why.

use std::path::PathBuf;
use std::time::Duration;

use clock::Sources;
use contracts::Secret;
use ephemeral::redis::{Credentials, Tls, Topology, Unfit};
use ephemeral::{EphemeralError, EphemeralStore, Position, Redis};
use testkit::Warnings;
use testkit::servers::redis::{RedisDoor, RedisServer};
use testkit::servers::shared;

use crate::harness::{address, at_last, connect, reached_by};

const HOUR: Duration = Duration::from_secs(3600);

/// Why `server` is not fit.
async fn fault_of(server: &ephemeral::RedisServer) -> String {
    let store = connect(server).await;
    assert!(matches!(store.get("key").await, Err(EphemeralError::Unavailable(_))));
    store.check().await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_wrong_password_is_named() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
    let right = address(&server);
    let wrong = Credentials { user: Some(RedisServer::USER.to_owned()), password: Secret::new("hunter2") };

    let wrong = fault_of(&ephemeral::RedisServer { credentials: Some(wrong), ..right.clone() }).await;
    let missing = fault_of(&ephemeral::RedisServer { credentials: None, ..right }).await;

    assert!(wrong.contains("WRONGPASS") && !wrong.contains("hunter2"), "{wrong}");
    assert!(missing.contains("NOAUTH"), "{missing}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_named() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start_with(RedisDoor::Tls, "").await.unwrap();
    let another = RedisServer::start_with(RedisDoor::Tls, "").await.unwrap();
    let trusting = |tls| ephemeral::RedisServer { tls, ..address(&server) };

    let wrong = fault_of(&trusting(Some(Tls { ca_file: Some(another.authority()) }))).await;
    let only_system = fault_of(&trusting(Some(Tls::default()))).await;
    let plain = fault_of(&trusting(None)).await;

    assert!(wrong.contains("invalid peer certificate"), "{wrong}");
    assert!(only_system.contains("invalid peer certificate"), "{only_system}");
    assert!(plain.contains("can't be used"), "{plain}");
}

#[tokio::test]
async fn what_cannot_be_used_at_all_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let open = async |topology: Topology, ca_file: Option<PathBuf>| {
        let tls = ca_file.map(|ca_file| Tls { ca_file: Some(ca_file) });
        let server = ephemeral::RedisServer { tls, ..reached_by(topology) };
        Redis::open(&server, Sources::system()).await.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let nobody = Topology::Cluster(Vec::new());

    let missing = open(nobody.clone(), Some("/nowhere/ca.pem".into())).await;
    let without_certificate = open(nobody.clone(), Some(empty)).await;
    let without_server = open(nobody, None).await;

    assert!(missing.contains("/nowhere/ca.pem"), "{missing}");
    assert!(without_certificate.contains("it holds no certificate"), "{without_certificate}");
    assert!(without_server.contains("no server of Redis is named"), "{without_server}");
}

#[tokio::test]
async fn a_redis_that_evicts_is_not_fit() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start_with(RedisDoor::Open, "maxmemory-policy allkeys-lru").await.unwrap();
    let store = connect(&address(&server)).await;

    let evicting = store.check().await.unwrap_err();
    server.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).unwrap();

    assert!(matches!(&evicting, Unfit::Evicts { policy } if policy == "allkeys-lru"), "{evicting}");
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_redis_that_keeps_no_file_is_fit_and_warned_of_once() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start_with(RedisDoor::Open, "appendonly no").await.unwrap();
    let careful = RedisServer::start().await.unwrap();
    let warnings = Warnings::start();

    let store = connect(&address(&server)).await;
    store.check().await.unwrap();
    store.check().await.unwrap();
    connect(&address(&careful)).await.check().await.unwrap();

    let warned = warnings.take();
    assert!(matches!(&warned[..], [warning] if warning.contains("appendonly is no")), "{warned:?}");
}

#[tokio::test]
async fn a_redis_that_hides_its_policy_is_believed() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
    server.cli(&["ACL", "SETUSER", RedisServer::USER, "-info", "-config"]).unwrap();

    let store = connect(&address(&server)).await;

    store.check().await.unwrap();
}

#[tokio::test]
async fn a_full_memory_refuses_to_write_and_still_reads() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    store.put("key", b"value", HOUR).await.unwrap();
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();

    let written = store.put("key", b"another", HOUR).await.unwrap_err();
    let read = store.get("key").await.unwrap();

    assert!(matches!(&written, EphemeralError::Unavailable(cause) if cause.to_string().contains("OOM")), "{written}");
    assert_eq!(read.as_deref(), Some(&b"value"[..]));
}

#[tokio::test]
async fn a_server_that_became_a_replica_is_left_until_it_is_a_master_again() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;

    server.cli(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    let refused = store.put("key", b"value", HOUR).await.unwrap_err().to_string();
    let unfit = store.check().await.unwrap_err().to_string();
    server.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();
    at_last(async || store.put("key", b"value", HOUR).await).await;

    assert!(refused.contains("read only replica"), "{refused}");
    assert!(unfit.contains("it is a replica"), "{unfit}");
}

#[tokio::test]
async fn the_connection_that_stands_serves_on_where_no_further_one_is_let_in() {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let store = connect(&address(&server)).await;
    store.put("key", b"value", HOUR).await.unwrap();
    server.cli(&["CONFIG", "SET", "maxclients", "1"]).unwrap();

    let followed = store.follow("feed", Position::START, Duration::ZERO).await;
    let found = store.get("key").await.unwrap();

    assert!(matches!(followed, Err(EphemeralError::Unavailable(_))), "{followed:?}");
    assert_eq!(found.as_deref(), Some(&b"value"[..]));
}
