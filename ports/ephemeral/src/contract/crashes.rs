//! What is left after the store was killed.

use super::{Harness, LONG};
use crate::{Count, Expiring, Followed, Members, Position, Swap, Window};

/// Each answer is kept: what was put, swapped, removed, counted and given back.
pub async fn what_was_answered_survives_a_crash<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let five = Window { limit: 5, length: LONG };
    store.put("put", b"value", LONG).await.unwrap();
    store.swap("claimed", None, Some(Expiring { value: b"value", ttl: LONG })).await.unwrap();
    store.put("taken", b"value", LONG).await.unwrap();
    store.swap("taken", Some(b"value"), None).await.unwrap();
    for member in [b"a", b"b", b"c"] {
        store.count("counted", member, five).await.unwrap();
    }
    store.uncount("counted", Members::One(b"b")).await.unwrap();

    let store = harness.crash(store).await;

    assert_eq!(store.get("put").await.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(store.swap("claimed", None, None).await.unwrap(), Swap::Found(Some(b"value".to_vec())));
    assert_eq!(store.get("taken").await.unwrap(), None);
    assert_eq!(store.count("counted", b"a", five).await.unwrap(), Count::Within(2));
}

/// A follower goes on where it was, without a gap, and new entries come behind the old ones.
pub async fn a_feed_goes_on_after_a_crash<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let read = store.append("feed", b"read", LONG).await.unwrap();
    let unread = store.append("feed", b"unread", LONG).await.unwrap();

    let store = harness.crash(store).await;
    let new = store.append("feed", b"new", LONG).await.unwrap();
    let followed = store.follow("feed", read, LONG).await.unwrap();
    let from_start = store.follow("feed", Position::START, LONG).await.unwrap();

    let entries = vec![(unread, b"unread".to_vec()), (new, b"new".to_vec())];
    assert_eq!(followed, Followed { entries, ..Followed::default() });
    assert_eq!(from_start.entries.len(), 3);
}

/// Its name stays for as long as it runs, and whoever compares names learns that it may have come back older.
pub async fn a_store_that_was_started_again_has_another_incarnation<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let (incarnation, connections) = (store.incarnation().await.unwrap(), store.connections());
    store.put("key", b"value", LONG).await.unwrap();
    let later = store.incarnation().await.unwrap();
    assert_eq!((later, store.connections()), (incarnation.clone(), connections));

    let store = harness.crash(store).await;

    assert_ne!(store.incarnation().await.unwrap(), incarnation);
}
