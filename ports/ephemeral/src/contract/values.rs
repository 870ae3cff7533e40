//! Values with a time to live.

use std::time::Duration;

use futures_util::future::join_all;

use super::{AHEAD, Harness, LONG, SHORT, within};
use crate::Expiring;

/// Bytes come back as they went in, whatever they are.
pub async fn a_value_is_read_as_it_was_put<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();

    store.put("binary", &binary, LONG).await.unwrap();

    assert_eq!(store.get("binary").await.unwrap(), Some(binary));
    assert_eq!(store.get("another").await.unwrap(), None);
}

/// No key is mistaken for another, not even one that looks like part of it.
pub async fn keys_are_apart_however_odd<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let long = "k".repeat(4096);
    let keys = ["", " ", "key", "key\0", "key:", "key:1", "KEY", "anahtar:ığüşöçİ", "\u{10FFFF}", "{a}b", "*", &long];

    for key in keys {
        store.put(key, format!("value of {key}").as_bytes(), LONG).await.unwrap();
    }

    for key in keys {
        assert_eq!(store.get(key).await.unwrap(), Some(format!("value of {key}").into_bytes()), "{key:?}");
    }
}

/// Nothing is a value too.
pub async fn an_empty_value_is_not_an_absent_one<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    store.put("key", b"", LONG).await.unwrap();

    assert_eq!(store.get("key").await.unwrap(), Some(Vec::new()));
}

/// The later put decides alone.
pub async fn a_put_replaces_value_and_time_to_live<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("longer", b"old", SHORT).await.unwrap();
    store.put("shorter", b"old", LONG).await.unwrap();

    store.put("longer", b"new", LONG).await.unwrap();
    store.put("shorter", b"new", SHORT).await.unwrap();
    harness.pass(SHORT).await;

    assert_eq!(store.get("longer").await.unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(store.get("shorter").await.unwrap(), None);
}

/// A value stands while its time to live runs, and not a moment longer.
pub async fn a_value_is_gone_when_its_time_to_live_ends<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let before = within(&harness, SHORT, async || {
        store.put("key", b"value", SHORT).await.unwrap();
        harness.pass(SHORT / 2).await;
        store.get("key").await.unwrap()
    });
    let before = before.await;
    harness.pass(SHORT / 2).await;
    let then = store.get("key").await.unwrap();

    assert_eq!(before.as_deref(), Some(&b"value"[..]));
    assert_eq!(then, None);
}

/// A time to live that has run out already is no error: the value is simply not there.
pub async fn a_value_without_time_to_live_is_gone_at_once<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"old", LONG).await.unwrap();

    store.put("key", b"new", Duration::ZERO).await.unwrap();

    assert_eq!(store.get("key").await.unwrap(), None);
}

/// A process whose clock is ahead gives a value the time to live that it asks for: the clock that is set right takes nothing away
/// before its time, and lets nothing stand for longer.
pub async fn what_a_process_put_whose_clock_was_ahead_has_its_time<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh_ahead(AHEAD).await;
    let keys = ["", "put", "claimed", "renewed", "left"];

    store.put("", b"value", SHORT).await.unwrap();
    store.put("put", b"value", SHORT).await.unwrap();
    store.swap("claimed", None, Some(Expiring { value: b"value", ttl: SHORT })).await.unwrap();
    store.put("renewed", b"value", LONG).await.unwrap();
    store.put("renewed", b"value", SHORT).await.unwrap();
    store.put("left", b"value", LONG).await.unwrap();
    harness.set_own_clock_back(AHEAD).await;
    harness.pass(SHORT).await;
    let left = join_all(keys.map(async |key| store.get(key).await.unwrap().is_some())).await;

    assert_eq!(left, [false, false, false, false, true]);
}
