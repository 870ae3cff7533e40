//! Redis is away, hangs, is full, or has become a replica: never an absent cart, never an older one.

use super::*;
use crate::model::anonymous::{ETag, LineName};

/// Everything that may be asked of a cart, each refused as it has to be while the store is away.
async fn assert_all_unavailable(carts: &AnonymousCarts, reading: bool) {
    let changes = [Change::Add(some(1, 1)), Change::Remove(LineName(meal(1))), Change::Clear, Change::Extend(3)];
    for change in changes {
        let answer = carts.change(id(), asked(change.clone())).await;
        assert_eq!(answer, Err(AnonymousError::Unavailable), "{change:?}");
    }
    if reading {
        assert_eq!(carts.find(id()).await, Err(AnonymousError::Unavailable));
    }
}

/// A cart with one line, on a Redis.
async fn filled(server: &RedisServer) -> (Arc<AnonymousCarts>, ETag) {
    let carts = carts_over(&connected(server).await);
    let etag = carts.change(id(), add(some(1, 2))).await.unwrap().etag;
    (carts, etag)
}

/// The state of the cart once Redis answers again.
async fn then(carts: &AnonymousCarts) -> ETag {
    kit::testing::at_last("Redis answers again", async || carts.find(id()).await.ok()).await.etag
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_loses_no_cart() {
    let Some(mut server) = redis().await else { return };
    let (carts, etag) = filled(&server).await;

    server.kill().unwrap();
    assert_all_unavailable(&carts, true).await;
    server.restart().await.unwrap();

    assert_eq!(then(&carts).await, etag);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_is_unavailable() {
    let Some(server) = redis().await else { return };
    let (carts, etag) = filled(&server).await;

    server.pause().unwrap();
    assert_all_unavailable(&carts, true).await;
    server.resume().unwrap();

    // What was sent to it while it hung may happen now.
    let now = then(&carts).await;
    let cart = carts.find(id()).await.unwrap().cart;
    assert!(now == etag || cart.version > 1, "{cart:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_without_memory_changes_no_cart_and_shows_it() {
    let Some(server) = redis().await else { return };
    let (carts, etag) = filled(&server).await;

    server.cli(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    assert_all_unavailable(&carts, false).await;
    let meanwhile = carts.find(id()).await.unwrap().etag;
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    let added = carts.change(id(), add(some(1, 1))).await.unwrap();

    assert_eq!((meanwhile, added.cart.item_count()), (etag, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_has_become_a_replica_changes_no_cart() {
    let Some(server) = redis().await else { return };
    let (carts, _) = filled(&server).await;

    server.cli(&["CONFIG", "SET", "replica-serve-stale-data", "yes"]).unwrap();
    // Of a master that is not there, so that the cart stays what it was.
    server.cli(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    for change in [Change::Add(some(1, 1)), Change::Clear, Change::Extend(3)] {
        let answer = carts.change(id(), asked(change.clone())).await;
        assert_eq!(answer, Err(AnonymousError::Unavailable), "{change:?}");
    }
    server.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();

    let cart = kit::testing::at_last("Redis answers again", async || carts.find(id()).await.ok()).await.cart;
    assert_eq!(cart.item_count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cart_is_left_alone() {
    let Some(server) = redis().await else { return };
    let carts = carts_over(&connected(&server).await);
    let unreadable = || Err(AnonymousError::Refused(CartRefusal::Unreadable(Unreadable)));

    let key = id().key();
    for (set, show) in [
        (["SET", &key, "not a cart"].as_slice(), ["GET", &key]),
        (&["HSET", &key, "field", "value"], ["HGETALL", &key]),
    ] {
        server.cli(&["DEL", &key]).unwrap();
        server.cli(set).unwrap();
        let before = server.cli(&show).unwrap();

        assert_eq!(carts.find(id()).await, unreadable());
        assert_eq!(carts.change(id(), add(some(1, 1))).await, unreadable());
        assert_eq!(carts.change(id(), asked(Change::Clear)).await, unreadable());
        assert_eq!(server.cli(&show).unwrap(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_on_a_wiped_redis_is_absent_and_can_be_made_anew() {
    let Some(server) = redis().await else { return };
    let (carts, _) = filled(&server).await;

    server.wipe().unwrap();
    let found = carts.find(id()).await;
    let added = carts.change(id(), add(some(1, 1))).await.unwrap();

    assert_eq!((found, added.cart.item_count()), (Err(CartRefusal::NoCart.into()), 1));
}
