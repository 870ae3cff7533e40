//! Feeds, and what their followers can rely on.

use std::time::Duration;

use super::{Harness, LONG, SHORT, within};
use crate::{Followed, Position};

/// How long a clause waits for an answer that comes at once before it calls the store broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Positions rise with each append, and entries come back in that order, whatever their bytes.
pub async fn a_feed_is_read_in_the_order_it_was_appended(harness: &dyn Harness) {
    let store = harness.fresh().await;

    let mut appended = Vec::new();
    for entry in [&b"first"[..], b"", b"\0\xff\r\n", b"first"] {
        appended.push((store.append("feed", entry, LONG).await.unwrap(), entry.to_vec()));
    }

    assert!(appended.is_sorted_by(|(one, _), (next, _)| one < next), "{appended:?}");
    let followed = store.follow("feed", Position::START, LONG).await.unwrap();
    assert_eq!(followed, news(appended));
}

/// What lies at a position or before it is not told again.
pub async fn a_feed_is_followed_from_a_position(harness: &dyn Harness) {
    let store = harness.fresh().await;
    let first = store.append("feed", b"first", LONG).await.unwrap();
    let second = store.append("feed", b"second", LONG).await.unwrap();

    let behind_first = store.follow("feed", first, LONG).await.unwrap();
    let behind_second = store.follow("feed", second, Duration::ZERO).await.unwrap();

    assert_eq!(behind_first, news([(second, b"second".to_vec())]));
    assert_eq!(behind_second, Followed::default());
}

/// A feed is neither another feed nor a key, even where the names begin alike.
pub async fn feeds_are_apart(harness: &dyn Harness) {
    let store = harness.fresh().await;
    let one = store.append("feed", b"one", LONG).await.unwrap();
    let two = store.append("feeds and more, as long as you like", b"two", LONG).await.unwrap();
    store.put("a key of its own", b"value", LONG).await.unwrap();

    let read_one = store.follow("feed", Position::START, LONG).await.unwrap();
    let read_two = store.follow("feeds and more, as long as you like", Position::START, LONG).await.unwrap();
    let read_none = store.follow("another", Position::START, Duration::ZERO).await.unwrap();

    assert_eq!(read_one, news([(one, b"one".to_vec())]));
    assert_eq!(read_two, news([(two, b"two".to_vec())]));
    assert_eq!(read_none, Followed::default());
}

/// Whoever waits for news, however many they are, hears of them when they come and not when the wait ends.
pub async fn an_append_wakes_all_followers(harness: &dyn Harness) {
    let store = harness.fresh().await;
    let first = store.append("feed", b"first", LONG).await.unwrap();

    let told = tokio::time::timeout(PATIENCE, async {
        tokio::join!(
            store.follow("feed", first, LONG),
            store.follow("feed", first, LONG),
            store.append("feed", b"second", LONG),
        )
    });
    let (one, another, second) = told.await.unwrap();

    let expected = news([(second.unwrap(), b"second".to_vec())]);
    assert_eq!(one.unwrap(), expected);
    assert_eq!(another.unwrap(), expected);
}

/// No news is an answer too, after the wait and not before.
pub async fn a_follower_without_news_is_answered_after_its_wait(harness: &dyn Harness) {
    let store = harness.fresh().await;
    let start = harness.now();

    let followed = tokio::time::timeout(PATIENCE, async {
        let (followed, ()) = tokio::join!(store.follow("feed", Position::START, SHORT), harness.pass(SHORT));
        followed
    });
    let followed = followed.await.unwrap().unwrap();

    assert_eq!(followed, Followed::default());
    assert!(harness.now() >= start + SHORT);
}

/// A follower that was away for too long is told that it missed something, and gets what is left.
pub async fn entries_trimmed_unread_are_a_gap(harness: &dyn Harness) {
    let store = harness.fresh().await;

    let attempt = within(harness, SHORT * 2, async || {
        let read = store.append("feed", b"read", SHORT).await.unwrap();
        store.append("feed", b"unread", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", read, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, Followed { entries: vec![(left, b"left".to_vec())], gap: true });
}

/// A follower that has read everything misses nothing when the feed is trimmed behind it.
pub async fn entries_trimmed_after_they_were_read_are_no_gap(harness: &dyn Harness) {
    let store = harness.fresh().await;

    let attempt = within(harness, SHORT * 2, async || {
        let read = store.append("feed", b"read", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", read, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, news([(left, b"left".to_vec())]));
}

/// A store that lost everything says so to whoever has read from it before, at once and also after it has news.
pub async fn a_wiped_feed_is_a_gap(harness: &dyn Harness) {
    let store = harness.fresh().await;
    let read = store.append("feed", b"read", LONG).await.unwrap();

    let wiped = harness.fresh().await;
    harness.pass(SHORT).await;
    let before_news = tokio::time::timeout(PATIENCE, wiped.follow("feed", read, LONG)).await.unwrap().unwrap();
    let position = wiped.append("feed", b"news", LONG).await.unwrap();
    let after_news = wiped.follow("feed", read, LONG).await.unwrap();
    let from_start = wiped.follow("feed", Position::START, LONG).await.unwrap();

    assert_eq!(before_news, Followed { entries: Vec::new(), gap: true });
    assert_eq!(after_news, Followed { entries: vec![(position, b"news".to_vec())], gap: true });
    assert_eq!(from_start, news([(position, b"news".to_vec())]));
}

/// Whoever starts has read nothing, so there is nothing it could have missed.
pub async fn the_start_never_has_a_gap(harness: &dyn Harness) {
    let store = harness.fresh().await;

    let attempt = within(harness, SHORT * 2, async || {
        store.append("feed", b"trimmed", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", Position::START, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, news([(left, b"left".to_vec())]));
}

fn news(entries: impl Into<Vec<(Position, Vec<u8>)>>) -> Followed {
    Followed { entries: entries.into(), gap: false }
}
