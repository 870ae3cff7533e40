//! Swaps: claiming, taking and replacing.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Harness, LONG, SHORT, within};
use crate::{EphemeralStore, Expiring, Swap};

/// A claim is a swap from absent; the loser gets what stands there.
pub async fn claiming_succeeds_where_nothing_stands<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let first = store.swap("key", None, lasting(b"first")).await.unwrap();
    let second = store.swap("key", None, lasting(b"second")).await.unwrap();

    assert_eq!(first, Swap::Done);
    assert_eq!(second, found(b"first"));
    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"first"[..]));
}

/// To take is to swap to absent; whoever comes later finds nothing.
pub async fn taking_removes_and_succeeds_once<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"value", LONG).await.unwrap();

    let first = store.swap("key", Some(b"value"), None).await.unwrap();
    let second = store.swap("key", Some(b"value"), None).await.unwrap();
    let absent_to_absent = store.swap("key", None, None).await.unwrap();

    assert_eq!(first, Swap::Done);
    assert_eq!(second, Swap::Found(None));
    assert_eq!(absent_to_absent, Swap::Done);
    assert_eq!(store.get("key").await.unwrap(), None);
}

/// A replacement that expects something else changes nothing and gets what stands there.
pub async fn replacing_needs_what_stands_there<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"old", LONG).await.unwrap();

    let mistaken = store.swap("key", Some(b"other"), lasting(b"new")).await.unwrap();
    let prefix = store.swap("key", Some(b""), lasting(b"new")).await.unwrap();
    let right = store.swap("key", Some(b"old"), lasting(b"new")).await.unwrap();
    let late = store.swap("key", Some(b"old"), None).await.unwrap();

    assert_eq!(mistaken, found(b"old"));
    assert_eq!(prefix, found(b"old"));
    assert_eq!(right, Swap::Done);
    assert_eq!(late, found(b"new"));
    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"new"[..]));
}

/// The time to live of a swap replaces the one before, be it longer or shorter.
pub async fn a_swap_sets_a_new_time_to_live<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("shorter", b"value", LONG).await.unwrap();

    let shorter = Expiring { value: b"value", ttl: SHORT };
    let shortened = store.swap("shorter", Some(b"value"), Some(shorter)).await.unwrap();
    let lengthened = within(&harness, SHORT, async || {
        store.put("longer", b"value", SHORT).await.unwrap();
        store.swap("longer", Some(b"value"), lasting(b"value")).await.unwrap()
    });
    let lengthened = lengthened.await;
    harness.pass(SHORT).await;

    assert_eq!([shortened, lengthened], [Swap::Done, Swap::Done]);
    assert_eq!(store.get("shorter").await.unwrap(), None);
    assert_eq!(store.get("longer").await.unwrap().as_deref(), Some(&b"value"[..]));
}

/// Nobody swaps with what has expired.
pub async fn an_expired_value_counts_as_absent_in_a_swap<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"old", SHORT).await.unwrap();
    harness.pass(SHORT).await;

    let replacement = store.swap("key", Some(b"old"), lasting(b"new")).await.unwrap();
    let claim = store.swap("key", None, lasting(b"new")).await.unwrap();

    assert_eq!(replacement, Swap::Found(None));
    assert_eq!(claim, Swap::Done);
}

/// One of many claims succeeds, and all others learn whose it is.
pub async fn a_hundred_claims_at_once_have_one_winner<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    race(&store, None).await;
}

/// One of many replacements of the same value succeeds, and all others learn whose it is.
pub async fn a_hundred_replacements_at_once_have_one_winner<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"old", LONG).await.unwrap();

    race(&store, Some(b"old")).await;
}

/// No update of a hundred at once is lost.
pub async fn a_hundred_updates_at_once_lose_none<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let mut updates = JoinSet::new();
    for _ in 0..100 {
        let store = Arc::clone(&store);
        updates.spawn(async move {
            store.update("key", LONG, |old: Option<u32>| Some(old.unwrap_or_default() + 1)).await.unwrap();
        });
    }
    updates.join_all().await;

    assert_eq!(store.get_json("key").await.unwrap(), Some(100));
}

async fn race(store: &Arc<dyn EphemeralStore>, expected: Option<&'static [u8]>) {
    let mut swaps = JoinSet::new();
    for number in 0..100 {
        let store = Arc::clone(store);
        swaps.spawn(async move {
            let value = format!("swapper {number}").into_bytes();
            let swap = store.swap("key", expected, lasting(&value)).await.unwrap();
            (value, swap)
        });
    }
    let swaps = swaps.join_all().await;

    let winners: Vec<_> = swaps.iter().filter(|(_, swap)| *swap == Swap::Done).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    let (winner, _) = winners[0];
    for (value, swap) in &swaps {
        assert!(value == winner || *swap == found(winner), "{swap:?}");
    }
    assert_eq!(store.get("key").await.unwrap().as_ref(), Some(winner));
}

fn lasting(value: &[u8]) -> Option<Expiring<'_>> {
    Some(Expiring { value, ttl: LONG })
}

fn found(value: &[u8]) -> Swap {
    Swap::Found(Some(value.to_vec()))
}
