//! The embedded adapter keeps the contract, and what only a folder on a disk has to keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod child;
#[cfg(target_os = "linux")] // its means to make a disk fail are
mod failing_disk;
mod folder;
mod harness;
mod killed;

use std::time::Duration;

use clock::{ManualClock, Timestamp};
use ephemeral::{Embedded, EphemeralStore, Position};

use harness::{Folders, sources};

mod contract {
    use super::*;

    ephemeral::contract!(Folders);
}

#[tokio::test]
async fn a_value_stands_until_the_last_microsecond() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let store = Embedded::open(folder.path(), sources(&clock)).unwrap();
    store.put("key", b"value", Duration::from_secs(1)).await.unwrap();

    clock.advance(Duration::from_micros(999_999));
    let just_before = store.get("key").await.unwrap();
    clock.advance(Duration::from_micros(1));
    let then = store.get("key").await.unwrap();

    assert_eq!(just_before.as_deref(), Some(&b"value"[..]));
    assert_eq!(then, None);
}

#[tokio::test]
async fn a_time_to_live_without_end_is_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path(), sources(&ManualClock::at(Timestamp::UNIX_EPOCH))).unwrap();

    store.put("key", b"value", Duration::MAX).await.unwrap();
    let position = store.append("feed", b"entry", Duration::MAX).await.unwrap();
    let followed = store.follow("feed", Position::START, Duration::MAX).await.unwrap();

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(followed.entries, [(position, b"entry".to_vec())]);
}

#[tokio::test]
async fn positions_rise_even_if_the_clock_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let keep = Duration::from_secs(1);
    let late = ManualClock::at(Timestamp::UNIX_EPOCH + Duration::from_secs(3600));
    let early = ManualClock::at(Timestamp::UNIX_EPOCH);
    let store = Embedded::open(folder.path(), sources(&late)).unwrap();
    let before = store.append("feed", b"before", keep).await.unwrap();
    drop(store);

    let store = Embedded::open(folder.path(), sources(&early)).unwrap();
    let after = store.append("feed", b"after", keep).await.unwrap();
    let followed = store.follow("feed", before, Duration::ZERO).await.unwrap();

    assert!(before < after);
    assert_eq!(followed.entries, [(after, b"after".to_vec())]);
    assert!(!followed.gap);
}

#[tokio::test]
async fn maintenance_takes_nothing_that_stands() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let store = Embedded::open(folder.path(), sources(&clock)).unwrap();
    let read = store.append("feed", b"read", Duration::from_secs(1)).await.unwrap();
    let left = store.append("feed", b"left", Duration::from_secs(3)).await.unwrap();
    store.put("gone", b"value", Duration::from_secs(1)).await.unwrap();
    store.put("stands", b"value", Duration::from_secs(3)).await.unwrap();

    clock.advance(Duration::from_secs(2));
    store.maintain().await.unwrap();

    assert_eq!(store.get("gone").await.unwrap(), None);
    assert_eq!(store.get("stands").await.unwrap().as_deref(), Some(&b"value"[..]));
    let followed = store.follow("feed", read, Duration::ZERO).await.unwrap();
    assert_eq!((followed.entries, followed.gap), (vec![(left, b"left".to_vec())], false));
}

#[tokio::test]
async fn a_name_too_long_for_a_row_is_refused_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path(), sources(&ManualClock::at(Timestamp::UNIX_EPOCH))).unwrap();
    let minute = Duration::from_secs(60);
    // A feed has the longest rows.
    let longest = "k".repeat(65_501);

    let fits = store.append(&longest, b"entry", minute).await;
    let too_long = store.append(&format!("{longest}k"), b"entry", minute).await;

    assert!(fits.is_ok(), "{fits:?}");
    assert!(too_long.is_err(), "{too_long:?}");
    store.put("key", b"value", minute).await.unwrap();
}
