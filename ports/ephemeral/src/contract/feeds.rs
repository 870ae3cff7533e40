//! Feeds, and what their followers can rely on.

use std::time::Duration;

use futures_util::future::join_all;

use super::{AHEAD, Harness, LONG, SHORT, within};
use crate::{EphemeralStore, FEED_PAGE, Followed, Position};

/// How long a clause waits for an answer that comes at once before it calls the store broken.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Positions rise with each append, and entries come back in that order, whatever their bytes.
pub async fn a_feed_is_read_in_the_order_it_was_appended<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let mut appended = Vec::new();
    for entry in [&b"first"[..], b"", b"\0\xff\r\n", b"first"] {
        appended.push((store.append("feed", entry, LONG).await.unwrap(), entry.to_vec()));
    }

    assert!(appended.is_sorted_by(|(one, _), (next, _)| one < next), "{appended:?}");
    let followed = store.follow("feed", Position::START, LONG).await.unwrap();
    assert_eq!(followed, news(appended));
}

/// What lies at a position or before it is not read again.
pub async fn a_feed_is_followed_from_a_position<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let first = store.append("feed", b"first", LONG).await.unwrap();
    let second = store.append("feed", b"second", LONG).await.unwrap();

    let behind_first = store.follow("feed", first, LONG).await.unwrap();
    let behind_second = store.follow("feed", second, Duration::ZERO).await.unwrap();

    assert_eq!(behind_first, news([(second, b"second".to_vec())]));
    assert_eq!(behind_second, Followed::default());
}

/// A feed is neither another feed nor a key, even where the names begin alike.
pub async fn feeds_are_apart<H: Harness>() {
    let harness = H::start().await;
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

/// No page holds more than [`FEED_PAGE`], so a reader keeps what it has and asks for the rest, also after a failure. It
/// knows when it has all that was appended before it asked last, even where that ends with a page.
pub async fn a_long_feed_is_read_page_by_page<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let appended = append_numbers(store.as_ref(), 3 * FEED_PAGE).await;

    let (read, pages) = read_up(store.as_ref(), Position::START).await;
    let last = store.append("feed", b"last", LONG).await.unwrap();
    let (rest, pages_of_rest) = read_up(store.as_ref(), appended[FEED_PAGE - 1].0).await;

    assert!(read == appended, "{} of {} were read in order", read.len(), appended.len());
    assert_eq!((pages, pages_of_rest), (vec![FEED_PAGE; 3], vec![FEED_PAGE, FEED_PAGE, 1]));
    assert!(rest[..2 * FEED_PAGE] == appended[FEED_PAGE..]);
    assert_eq!(rest[2 * FEED_PAGE..], [(last, b"last".to_vec())]);
}

/// A store that went away between two pages is read on from the page that came last.
pub async fn a_long_feed_is_read_on_after_a_crash<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let appended = append_numbers(store.as_ref(), FEED_PAGE + 1).await;
    let first = store.follow("feed", Position::START, LONG).await.unwrap();

    let store = harness.crash(store).await;
    let rest = store.follow("feed", first.entries[FEED_PAGE - 1].0, LONG).await.unwrap();

    assert!(first.entries == appended[..FEED_PAGE] && first.more && !first.gap);
    assert_eq!(rest, news(&appended[FEED_PAGE..]));
}

/// Entries that differ, in the order in which they stand there.
async fn append_numbers(store: &dyn EphemeralStore, count: usize) -> Vec<(Position, Vec<u8>)> {
    let mut appended = Vec::new();
    while appended.len() < count {
        let some = appended.len()..count.min(appended.len() + 500);
        let some = some.map(async |number| {
            let entry = number.to_be_bytes();
            (store.append("feed", &entry, LONG).await.unwrap(), entry.to_vec())
        });
        appended.extend(join_all(some).await);
    }
    appended.sort();
    appended
}

/// All entries behind `after`, and how many each page held.
async fn read_up(store: &dyn EphemeralStore, mut after: Position) -> (Vec<(Position, Vec<u8>)>, Vec<usize>) {
    let (mut entries, mut pages) = (Vec::new(), Vec::new());
    loop {
        let page = store.follow("feed", after, LONG).await.unwrap();
        assert!(!page.gap);
        after = page.entries.last().unwrap().0;
        pages.push(page.entries.len());
        entries.extend(page.entries);
        if !page.more {
            return (entries, pages);
        }
    }
}

/// Whoever waits for news, however many they are, hears of them when they come and not when the wait ends.
pub async fn an_append_wakes_all_followers<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let first = store.append("feed", b"first", LONG).await.unwrap();

    let followed = tokio::time::timeout(TIMEOUT, async {
        tokio::join!(
            store.follow("feed", first, LONG),
            store.follow("feed", first, LONG),
            store.append("feed", b"second", LONG),
        )
    });
    let (one, another, second) = followed.await.unwrap();

    let expected = news([(second.unwrap(), b"second".to_vec())]);
    assert_eq!(one.unwrap(), expected);
    assert_eq!(another.unwrap(), expected);
}

/// No news is an answer too, after the wait and not before.
pub async fn a_follower_without_news_is_answered_after_its_wait<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let start = harness.now();

    let followed = tokio::time::timeout(TIMEOUT, async {
        let (followed, ()) = tokio::join!(store.follow("feed", Position::START, SHORT), harness.pass(SHORT));
        followed
    });
    let followed = followed.await.unwrap().unwrap();

    assert_eq!(followed, Followed::default());
    assert!(harness.now() >= start + SHORT);
}

/// A follower that was away for too long learns that it missed something, and gets what is left.
pub async fn entries_trimmed_unread_are_a_gap<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let attempt = within(&harness, SHORT * 2, async || {
        let read = store.append("feed", b"read", SHORT).await.unwrap();
        store.append("feed", b"unread", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", read, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, Followed { gap: true, ..news([(left, b"left".to_vec())]) });
}

/// A follower that has read everything misses nothing when the feed is trimmed behind it.
pub async fn entries_trimmed_after_they_were_read_are_no_gap<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let attempt = within(&harness, SHORT * 2, async || {
        let read = store.append("feed", b"read", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", read, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, news([(left, b"left".to_vec())]));
}

/// A store that lost everything says so to whoever has read from it before, at once and also after it has news.
pub async fn a_wiped_feed_is_a_gap<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let read = store.append("feed", b"read", LONG).await.unwrap();

    let wiped = harness.fresh().await;
    harness.pass(SHORT).await;
    let before_news = tokio::time::timeout(TIMEOUT, wiped.follow("feed", read, LONG)).await.unwrap().unwrap();
    let position = wiped.append("feed", b"news", LONG).await.unwrap();
    let after_news = wiped.follow("feed", read, LONG).await.unwrap();
    let from_start = wiped.follow("feed", Position::START, LONG).await.unwrap();

    assert_eq!(before_news, Followed { gap: true, ..Followed::default() });
    assert_eq!(after_news, Followed { gap: true, ..news([(position, b"news".to_vec())]) });
    assert_eq!(from_start, news([(position, b"news".to_vec())]));
}

/// Whoever starts has read nothing, so there is nothing it could have missed.
pub async fn the_start_never_has_a_gap<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;

    let attempt = within(&harness, SHORT * 2, async || {
        store.append("feed", b"trimmed", SHORT).await.unwrap();
        harness.pass(SHORT).await;
        let left = store.append("feed", b"left", SHORT).await.unwrap();
        (left, store.follow("feed", Position::START, LONG).await.unwrap())
    });
    let (left, followed) = attempt.await;

    assert_eq!(followed, news([(left, b"left".to_vec())]));
}

/// What was appended while the store's clock was ahead leaves with the entry behind it, however many they are, and holds up
/// none of those that come later.
pub async fn what_a_clock_appended_that_was_ahead_goes_with_what_comes_behind<H: Harness>() {
    let harness = H::start().await;

    let store = harness.fresh().await;
    // At once, so that most of them still stand however busy the machine is.
    join_all((0..30).map(async |_| store.append("feed", b"misdated", SHORT).await.unwrap())).await;
    harness.set_clock_back(store.as_ref(), AHEAD).await;
    let misdated = store.follow("feed", Position::START, LONG).await.unwrap().entries.last().unwrap().0;
    let first = store.append("feed", b"first", SHORT).await.unwrap();
    store.append("feed", b"second", SHORT).await.unwrap();
    harness.pass(SHORT).await;
    let left = store.append("feed", b"left", LONG).await.unwrap();
    let after = [Position::START, misdated, first];
    let followed = join_all(after.map(async |after| store.follow("feed", after, LONG).await.unwrap())).await;

    let left = news([(left, b"left".to_vec())]);
    let unread = Followed { gap: true, ..left.clone() };
    assert!(misdated < first);
    assert_eq!(followed, [left, unread.clone(), unread]);
}

/// The clock that is set right takes nothing away before its time, neither what was appended before nor what comes behind.
pub async fn what_a_clock_appended_that_was_ahead_has_its_time<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.append("feed", b"misdated", LONG).await.unwrap();
    harness.set_clock_back(store.as_ref(), AHEAD).await;
    let (misdated, _) = store.follow("feed", Position::START, LONG).await.unwrap().entries[0];

    let behind = store.append("feed", b"behind", SHORT).await.unwrap();
    harness.pass(SHORT).await;
    let last = store.append("feed", b"last", SHORT).await.unwrap();
    harness.pass(SHORT).await;

    let entries = [(misdated, "misdated"), (behind, "behind"), (last, "last")];
    let entries = entries.map(|(position, entry)| (position, entry.as_bytes().to_vec()));
    assert_eq!(store.follow("feed", Position::START, LONG).await.unwrap(), news(entries));
}

fn news(entries: impl Into<Vec<(Position, Vec<u8>)>>) -> Followed {
    Followed { entries: entries.into(), ..Followed::default() }
}
