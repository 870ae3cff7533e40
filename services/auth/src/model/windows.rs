//! Sliding windows in the memory of this process, for while the ephemeral store is away.

use std::collections::HashMap;

use clock::Timestamp;
use ephemeral::{Count, Members, Window};

/// So many windows are kept; each is opened by a password hash, so an attacker needs hours to fill them.
const WINDOWS: usize = 100_000;

/// Windows and what stands in them. Counts as [`ephemeral::EphemeralStore::count`] does.
#[derive(Debug, Default)]
pub(crate) struct Windows(HashMap<String, Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    member: Vec<u8>,
    leaves_at: Timestamp,
}

impl Windows {
    /// Counts `member` in the window of `key`, unless it is full.
    pub(crate) fn count(&mut self, key: &str, member: &[u8], window: Window, now: Timestamp) -> Count {
        self.make_room(now);
        let entries = self.0.entry(key.to_owned()).or_default();
        // Further ahead than a window is long counted only a clock that was wrong.
        let latest = now + 2 * window.length;
        entries.retain(|entry| entry.leaves_at > now && entry.leaves_at <= latest && entry.member != member);
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        if entries.len() >= limit {
            let retry_after = entries.iter().map(|entry| entry.leaves_at - now).min();
            let retry_after = retry_after.and_then(|wait| wait.to_std().ok()).unwrap_or(window.length);
            return Count::Full { retry_after };
        }
        entries.push(Entry { member: member.to_owned(), leaves_at: now + window.length });
        Count::Within(u32::try_from(entries.len()).unwrap_or(u32::MAX))
    }

    /// Gives back what was counted.
    pub(crate) fn uncount(&mut self, key: &str, members: Members<'_>) {
        match members {
            Members::All => {
                self.0.remove(key);
            }
            Members::One(member) => {
                if let Some(entries) = self.0.get_mut(key) {
                    entries.retain(|entry| entry.member != member);
                }
            }
        }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.0.len() < WINDOWS {
            return;
        }
        self.0.retain(|_, entries| entries.iter().any(|entry| entry.leaves_at > now));
        // Still full: forgetting what was tried is better than growing without end or refusing everybody.
        if self.0.len() >= WINDOWS {
            self.0.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const WINDOW: Window = Window { limit: 2, length: Duration::from_secs(60) };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_a_clock_counted_that_was_far_ahead_keeps_nobody_out() {
        let mut windows = Windows::default();
        windows.count("a", b"1", WINDOW, at(10_000));
        windows.count("a", b"2", WINDOW, at(10_000));

        let by_then = windows.count("a", b"3", WINDOW, at(10_000));
        let set_right = windows.count("a", b"3", WINDOW, at(20));

        assert_eq!((by_then, set_right), (Count::Full { retry_after: WINDOW.length }, Count::Within(1)));
    }

    #[test]
    fn a_full_window_takes_nobody_until_its_oldest_member_leaves() {
        let mut windows = Windows::default();
        windows.count("a", b"1", WINDOW, at(0));
        windows.count("a", b"2", WINDOW, at(20));

        let third = windows.count("a", b"3", WINDOW, at(30));
        let other = windows.count("b", b"3", WINDOW, at(30));
        let later = windows.count("a", b"3", WINDOW, at(60));

        assert_eq!(third, Count::Full { retry_after: Duration::from_secs(30) });
        assert_eq!(other, Count::Within(1));
        assert_eq!(later, Count::Within(2));
    }

    #[test]
    fn a_member_counts_once() {
        let mut windows = Windows::default();

        for second in 0..10 {
            assert_eq!(windows.count("a", b"1", WINDOW, at(second)), Count::Within(1));
        }
    }

    #[test]
    fn what_is_given_back_fits_again() {
        let mut windows = Windows::default();
        windows.count("a", b"1", WINDOW, at(0));
        windows.count("a", b"2", WINDOW, at(0));

        windows.uncount("a", Members::One(b"1"));
        let third = windows.count("a", b"3", WINDOW, at(0));
        windows.uncount("a", Members::All);
        let fourth = windows.count("a", b"4", WINDOW, at(0));

        assert_eq!(third, Count::Within(2));
        assert_eq!(fourth, Count::Within(1));
    }
}
