//! What was answered is there after `kill -9`, time and again in the same folder.

use std::path::Path;
use std::time::Duration;

use clock::Sources;
use ephemeral::{Count, Embedded, EphemeralStore, Expiring, Position, Swap, Window};

use crate::child::{Process, listen, say};

const HOUR: Duration = Duration::from_secs(3600);
const WINDOW: Window = Window { limit: 1000, length: HOUR };
/// Members of one window.
const TOGETHER: u64 = 50;

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut rounds = Vec::new();

    for (round, answers) in [1, 3, 200, 57, 1200, 333].into_iter().enumerate() {
        let round = format!("round {round}");
        let last = write_until_killed(folder.path(), &round, answers);
        rounds.push((round, last));

        let store = Embedded::open(folder.path(), Sources::system()).unwrap();
        for (round, last) in &rounds {
            assert_round_survived(&store, round, *last).await;
        }
    }
}

/// Has a process write until it has answered `answers` times, kills it, and returns the last number that it answered.
fn write_until_killed(folder: &Path, round: &str, answers: usize) -> u64 {
    let mut writer = Process::start("killed::writer", &[]);
    writer.send(folder.to_str().unwrap());
    writer.send(round);
    for _ in 0..answers {
        writer.hear().expect("the writer writes until it is killed");
    }
    let rest = writer.kill();
    answers as u64 + rest.len() as u64 - 1
}

#[tokio::test]
#[ignore = "the process that the test above kills"]
async fn writer() {
    let (folder, round) = (listen(), listen());
    if folder.is_empty() {
        return;
    }
    let store = Embedded::open(Path::new(&folder), Sources::system()).unwrap();
    for number in 0_u64.. {
        write(&store, &round, number).await;
        say(&number.to_string());
    }
}

/// Each number is put, takes the one before away, moves a chain on, is counted and appended.
async fn write(store: &Embedded, round: &str, number: u64) {
    let value = number.to_be_bytes();
    let before = number.checked_sub(1).map(u64::to_be_bytes);
    let before = before.as_ref().map(<[u8; 8]>::as_slice);
    store.put(&format!("{round}: value {number}"), &value, HOUR).await.unwrap();
    if let Some(before) = before {
        let taken = store.swap(&format!("{round}: value {}", number - 1), Some(before), None).await.unwrap();
        assert_eq!(taken, Swap::Done);
    }
    let chain = Expiring { value: &value, ttl: HOUR };
    assert_eq!(store.swap(&format!("{round}: chain"), before, Some(chain)).await.unwrap(), Swap::Done);
    store.count(&format!("{round}: window {}", number / TOGETHER), &value, WINDOW).await.unwrap();
    store.append(round, &value, HOUR).await.unwrap();
}

/// Everything up to `last` is there; of the number behind it, which nobody was told of, any part may be.
async fn assert_round_survived(store: &Embedded, round: &str, last: u64) {
    for number in 0..last {
        assert_eq!(store.get(&format!("{round}: value {number}")).await.unwrap(), None, "{number} was taken");
    }
    let next = store.get(&format!("{round}: value {}", last + 1)).await.unwrap();
    if next.is_none() {
        assert!(store.get(&format!("{round}: value {last}")).await.unwrap().is_some(), "{last} was put");
    }

    let chain = store.get(&format!("{round}: chain")).await.unwrap().unwrap();
    let chain = u64::from_be_bytes(chain.try_into().unwrap());
    assert!(chain == last || chain == last + 1, "{chain} after {last}");

    for window in 0..=last / TOGETHER {
        let first = window * TOGETHER;
        let counted = (last + 1 - first).min(TOGETHER);
        let key = format!("{round}: window {window}");
        let count = store.count(&key, &first.to_be_bytes(), WINDOW).await.unwrap();
        let Count::Within(members) = count else { panic!("{key} is full") };
        let members = u64::from(members);
        assert!(members == counted || (members == counted + 1 && counted < TOGETHER), "{members} in {key}");
    }

    let feed = read_feed(store, round).await;
    assert!(feed.is_sorted_by(|(one, _), (next, _)| one < next));
    let numbers: Vec<u64> = feed.into_iter().map(|(_, entry)| u64::from_be_bytes(entry.try_into().unwrap())).collect();
    assert!(numbers == (0..=last).collect::<Vec<_>>() || numbers == (0..=last + 1).collect::<Vec<_>>(), "{numbers:?}");
}

/// The whole feed, however many pages the writer filled before the kill reached it.
async fn read_feed(store: &Embedded, feed: &str) -> Vec<(Position, Vec<u8>)> {
    let mut entries: Vec<(Position, Vec<u8>)> = Vec::new();
    loop {
        let after = entries.last().map_or(Position::START, |(position, _)| *position);
        let page = store.follow(feed, after, Duration::ZERO).await.unwrap();
        entries.extend(page.entries);
        if !page.more {
            return entries;
        }
    }
}
