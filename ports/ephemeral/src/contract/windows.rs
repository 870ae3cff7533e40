//! Members counted in sliding windows.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{AHEAD, Harness, LONG, SHORT, within};
use crate::{Count, EphemeralError, Expiring, Members, Window};

/// Different members fit until the limit is reached.
pub async fn a_window_takes_as_many_members_as_its_limit<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let three = Window { limit: 3, length: LONG };

    let mut counts = Vec::new();
    for member in [&b"a"[..], b"\0\xff", b""] {
        counts.push(store.count("key", member, three).await.unwrap());
    }
    let one_more = store.count("key", b"d", three).await.unwrap();
    let elsewhere = store.count("another", b"d", three).await.unwrap();

    assert_eq!(counts, [Count::Within(1), Count::Within(2), Count::Within(3)]);
    assert!(matches!(one_more, Count::Full { .. }), "{one_more:?}");
    assert_eq!(elsewhere, Count::Within(1));
}

/// Whoever does not fit gets the time to wait, and fits then.
pub async fn a_full_window_says_when_the_next_member_fits<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let one = Window { limit: 1, length: SHORT };

    let full = within(&harness, SHORT, async || {
        store.uncount("key", Members::All).await.unwrap();
        store.count("key", b"a", one).await.unwrap();
        store.count("key", b"b", one).await.unwrap()
    });
    let Count::Full { retry_after } = full.await else { panic!("two members fit where one may stand") };
    harness.pass(retry_after).await;
    let then = store.count("key", b"b", one).await.unwrap();

    assert!(retry_after <= SHORT, "{retry_after:?}");
    assert_eq!(then, Count::Within(1));
}

/// Who stands in a window fits even if it is full, takes one place, and has its whole time anew.
pub async fn a_member_counted_again_counts_once_and_is_renewed<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let one = Window { limit: 1, length: SHORT };
    let most = SHORT * 3 / 5;

    let counts = within(&harness, most + SHORT, async || {
        store.uncount("key", Members::All).await.unwrap();
        store.count("key", b"a", one).await.unwrap();
        harness.pass(most).await;
        let renewal = store.count("key", b"a", one).await.unwrap();
        harness.pass(most).await;
        (renewal, store.count("key", b"b", one).await.unwrap())
    });
    let (renewal, another) = counts.await;

    assert_eq!(renewal, Count::Within(1));
    assert!(matches!(another, Count::Full { .. }), "{another:?}");
}

/// The window slides: each member leaves when its own time is over, not all at once.
pub async fn members_leave_a_window_one_by_one<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let three = Window { limit: 3, length: SHORT };
    let most = SHORT * 3 / 5;

    let count = within(&harness, most + SHORT, async || {
        store.uncount("key", Members::All).await.unwrap();
        store.count("key", b"a", three).await.unwrap();
        harness.pass(most).await;
        store.count("key", b"b", three).await.unwrap();
        harness.pass(most).await;
        store.count("key", b"c", three).await.unwrap()
    });

    assert_eq!(count.await, Count::Within(2), "b and c, but no longer a");
}

/// A member that is given back leaves its place to another; one that does not stand there is no error.
pub async fn a_member_given_back_makes_room<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let two = Window { limit: 2, length: LONG };
    store.count("key", b"a", two).await.unwrap();
    store.count("key", b"b", two).await.unwrap();

    store.uncount("key", Members::One(b"unknown")).await.unwrap();
    let before = store.count("key", b"c", two).await.unwrap();
    store.uncount("key", Members::One(b"a")).await.unwrap();
    let after = store.count("key", b"c", two).await.unwrap();

    assert!(matches!(before, Count::Full { .. }), "{before:?}");
    assert_eq!(after, Count::Within(2));
    store.uncount("absent", Members::One(b"a")).await.unwrap();
}

/// All members can be given back at once; an empty window is no error.
pub async fn a_window_given_back_is_empty<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let two = Window { limit: 2, length: LONG };
    store.count("key", b"a", two).await.unwrap();
    store.count("key", b"b", two).await.unwrap();

    store.uncount("key", Members::All).await.unwrap();
    store.uncount("key", Members::All).await.unwrap();

    assert_eq!(store.count("key", b"c", two).await.unwrap(), Count::Within(1));
}

/// However many come at once, exactly as many as the limit get in.
pub async fn two_hundred_counts_at_once_take_exactly_the_limit<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let five = Window { limit: 5, length: LONG };

    let mut counts = JoinSet::new();
    for number in 0..200_u32 {
        let store = Arc::clone(&store);
        counts.spawn(async move { store.count("key", &number.to_be_bytes(), five).await.unwrap() });
    }
    let counts = counts.join_all().await;

    let mut within: Vec<u32> = counts
        .iter()
        .filter_map(|count| match count {
            Count::Within(number) => Some(*number),
            Count::Full { .. } => None,
        })
        .collect();
    within.sort_unstable();
    assert_eq!(within, [1, 2, 3, 4, 5]);
}

/// Reading a window as a value is an error, not "absent", and changes nothing.
pub async fn a_key_that_counts_holds_no_value<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let two = Window { limit: 2, length: LONG };
    store.count("key", b"a", two).await.unwrap();

    let got = store.get("key").await;
    let claimed = store.swap("key", None, Some(Expiring { value: b"value", ttl: LONG })).await;
    let taken = store.swap("key", Some(b""), None).await;

    assert!(matches!(got, Err(EphemeralError::Foreign { .. })), "{got:?}");
    assert!(matches!(claimed, Err(EphemeralError::Foreign { .. })), "{claimed:?}");
    assert!(matches!(taken, Err(EphemeralError::Foreign { .. })), "{taken:?}");
    assert_eq!(store.count("key", b"b", two).await.unwrap(), Count::Within(2));
}

/// Counting where a value stands is an error, and the value stays.
pub async fn a_key_that_holds_a_value_does_not_count<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.put("key", b"value", LONG).await.unwrap();

    let counted = store.count("key", b"a", Window { limit: 2, length: LONG }).await;
    let one_given_back = store.uncount("key", Members::One(b"a")).await;
    let all_given_back = store.uncount("key", Members::All).await;

    assert!(matches!(counted, Err(EphemeralError::Foreign { .. })), "{counted:?}");
    assert!(matches!(one_given_back, Err(EphemeralError::Foreign { .. })), "{one_given_back:?}");
    assert!(matches!(all_given_back, Err(EphemeralError::Foreign { .. })), "{all_given_back:?}");
    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
}

/// A put replaces whatever stood there, so a window too.
pub async fn a_put_replaces_a_window<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    store.count("key", b"a", Window { limit: 2, length: LONG }).await.unwrap();

    store.put("key", b"value", LONG).await.unwrap();

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
}

/// Members that stand further ahead than their window is long were counted by a clock that is set right since: they leave at
/// once, and not when that time comes.
pub async fn what_a_clock_counted_that_was_ahead_keeps_nobody_out<H: Harness>() {
    let harness = H::start().await;
    let store = harness.fresh().await;
    let two = Window { limit: 2, length: LONG };
    store.count("key", b"a", two).await.unwrap();
    store.count("key", b"b", two).await.unwrap();
    let by_then = store.count("key", b"c", two).await.unwrap();

    harness.set_clock_back(store.as_ref(), AHEAD).await;
    let set_right = store.count("key", b"c", two).await.unwrap();

    assert!(matches!(by_then, Count::Full { .. }), "{by_then:?}");
    assert_eq!(set_right, Count::Within(1));
}
