//! Masters that change, and keys that move.

use std::time::Duration;

use ephemeral::{EphemeralStore, Followed};
use testkit::servers::redis::{RedisCluster, RedisSentinels};
use testkit::servers::shared;

use crate::harness::{at_last, behind_sentinels, connect, in_cluster};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn the_master_that_sentinels_elect_is_followed() {
    if !shared::are_wanted() {
        return;
    }
    let mut sentinels = RedisSentinels::start().await.unwrap();
    let store = connect(&behind_sentinels(&sentinels)).await;
    store.put("key", b"before", HOUR).await.unwrap();
    let before = store.append("feed", b"before", HOUR).await.unwrap();

    sentinels.fail_over().await.unwrap();
    at_last(async || store.put("another", b"after", HOUR).await).await;
    let after = store.append("feed", b"after", HOUR).await.unwrap();

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"before"[..]));
    let followed = at_last(async || store.follow("feed", before, HOUR).await).await;
    assert_eq!(followed, Followed { entries: vec![(after, b"after".to_vec())], ..Followed::default() });
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_no_sentinel_knows_is_named() {
    if !shared::are_wanted() {
        return;
    }
    let sentinels = RedisSentinels::start().await.unwrap();
    let mut address = behind_sentinels(&sentinels);
    if let ephemeral::redis::Topology::Sentinel { master, .. } = &mut address.topology {
        "nobody".clone_into(master);
    }

    let unfit = connect(&address).await.check().await.unwrap_err().to_string();

    assert!(unfit.contains("knows no master nobody"), "{unfit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_moves_to_another_server_is_found_there() {
    if !shared::are_wanted() {
        return;
    }
    let mut cluster = RedisCluster::start().await.unwrap();
    let store = connect(&in_cluster(&mut cluster)).await;
    // CLUSTER KEYSLOT foo is 12182, a slot of the third server; the feed's keys move along.
    store.put("foo", b"value", HOUR).await.unwrap();
    let before = store.append("{foo}feed", b"before", HOUR).await.unwrap();
    let [to, _, from] = cluster.nodes() else { panic!("a cluster has three servers") };
    let id = |server: &testkit::servers::redis::RedisServer| server.cli(&["CLUSTER", "MYID"]).unwrap();
    let (to_id, from_id, to_port) = (id(to), id(from), to.port().to_string());

    to.cli(&["CLUSTER", "SETSLOT", "12182", "IMPORTING", &from_id]).unwrap();
    from.cli(&["CLUSTER", "SETSLOT", "12182", "MIGRATING", &to_id]).unwrap();
    from.cli(&["MIGRATE", "127.0.0.1", &to_port, "", "0", "5000", "KEYS", "foo", "{foo}feed"]).unwrap();
    let while_moving = store.get("foo").await.unwrap();
    let appended = store.append("{foo}feed", b"after", HOUR).await.unwrap();
    for server in [to, from] {
        server.cli(&["CLUSTER", "SETSLOT", "12182", "NODE", &to_id]).unwrap();
    }
    let after = store.get("foo").await.unwrap();

    assert_eq!(while_moving.as_deref(), Some(&b"value"[..]));
    assert_eq!(after.as_deref(), Some(&b"value"[..]));
    let followed = at_last(async || store.follow("{foo}feed", before, HOUR).await).await;
    assert_eq!(followed, Followed { entries: vec![(appended, b"after".to_vec())], ..Followed::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_other_servers_are_served_while_one_of_a_cluster_is_away() {
    if !shared::are_wanted() {
        return;
    }
    let mut cluster = RedisCluster::start().await.unwrap();
    let store = connect(&in_cluster(&mut cluster)).await;
    let [first, _, third] = cluster.nodes() else { panic!("a cluster has three servers") };
    for server in [&*first, &*third] {
        server.cli(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]).unwrap();
    }
    // CLUSTER KEYSLOT foo is 12182, a slot of the third server, and that of bar is 5061, one of the first.
    store.put("foo", b"value", HOUR).await.unwrap();
    store.put("bar", b"value", HOUR).await.unwrap();

    third.kill().unwrap();
    let away = store.get("foo").await;
    let served = store.get("bar").await;
    third.restart().await.unwrap();
    let back = at_last(async || store.get("foo").await).await;

    assert!(away.is_err(), "{away:?}");
    assert_eq!(served.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(back.as_deref(), Some(&b"value"[..]));
}
