//! The rule of a sliding window, pure: who stands in it at an instant, and whether one more fits.

use super::instant::Instant;
use crate::{Count, Window};

/// The members of one window with the instant at which each was last counted, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SlidingWindow(Vec<(Instant, Vec<u8>)>);

impl SlidingWindow {
    /// Counts `member` at `now`, and forgets whoever has left by then.
    pub(super) fn count(&mut self, member: &[u8], window: Window, now: Instant) -> Count {
        // Further ahead than a window is long counted only a clock that was wrong.
        let latest = now.plus(window.length);
        self.0.retain(|(counted_at, other)| {
            other != member && now < counted_at.plus(window.length) && *counted_at <= latest
        });
        let others = self.0.len();
        let limit = window.limit as usize;
        if others >= limit {
            // All but `limit - 1` of them have to leave first. Nobody ever fits where none may stand.
            let last_to_leave = self.0.get(others - limit);
            let leaves_at = last_to_leave.map(|(counted_at, _)| counted_at.plus(window.length));
            return Count::Full { retry_after: leaves_at.map_or(window.length, |instant| now.until(instant)) };
        }
        // At the end, unless the clock was set back meanwhile.
        let place = self.0.partition_point(|(counted_at, _)| *counted_at <= now);
        self.0.insert(place, (now, member.to_vec()));
        Count::Within(u32::try_from(others + 1).unwrap_or(u32::MAX))
    }

    pub(super) fn uncount(&mut self, member: &[u8]) {
        self.0.retain(|(_, other)| other != member);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each member as the instant, its length and its bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut row = Vec::new();
        for (counted_at, member) in &self.0 {
            row.extend(counted_at.0.to_be_bytes());
            row.extend((member.len() as u64).to_be_bytes());
            row.extend(member);
        }
        row
    }

    pub(super) fn decode(mut row: &[u8]) -> Option<Self> {
        let mut members = Vec::new();
        while !row.is_empty() {
            let (counted_at, rest) = row.split_first_chunk()?;
            let (length, rest) = rest.split_first_chunk()?;
            let (member, rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
            members.push((Instant(u64::from_be_bytes(*counted_at)), member.to_vec()));
            row = rest;
        }
        Some(Self(members))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const THREE_IN_TEN: Window = Window { limit: 3, length: Duration::from_micros(10) };

    #[test]
    fn a_lowered_limit_waits_until_enough_members_have_left() {
        let mut window = SlidingWindow::default();
        for (member, counted_at) in [(b"a", 0), (b"b", 3), (b"c", 7)] {
            window.count(member, THREE_IN_TEN, Instant(counted_at));
        }

        let count = window.count(b"d", Window { limit: 2, ..THREE_IN_TEN }, Instant(8));

        assert_eq!(count, Count::Full { retry_after: Duration::from_micros(5) });
    }

    #[test]
    fn nobody_fits_into_a_window_without_places() {
        let mut window = SlidingWindow::default();

        let count = window.count(b"a", Window { limit: 0, ..THREE_IN_TEN }, Instant(0));

        assert_eq!(count, Count::Full { retry_after: THREE_IN_TEN.length });
    }

    #[test]
    fn a_member_leaves_at_the_very_instant_its_time_is_over() {
        let mut window = SlidingWindow::default();
        let one = Window { limit: 1, ..THREE_IN_TEN };
        window.count(b"a", one, Instant(5));

        let just_before = window.count(b"b", one, Instant(14));
        let then = window.count(b"b", one, Instant(15));

        assert_eq!(just_before, Count::Full { retry_after: Duration::from_micros(1) });
        assert_eq!(then, Count::Within(1));
    }

    #[test]
    fn a_clock_set_back_leaves_the_oldest_in_front() {
        let mut window = SlidingWindow::default();
        window.count(b"later", THREE_IN_TEN, Instant(100));

        window.count(b"earlier", THREE_IN_TEN, Instant(95));

        assert_eq!(window, SlidingWindow(vec![(Instant(95), b"earlier".to_vec()), (Instant(100), b"later".to_vec())]));
    }

    #[test]
    fn what_a_clock_counted_that_was_far_ahead_keeps_nobody_out() {
        let mut window = SlidingWindow::default();
        for member in [b"a", b"b", b"c"] {
            window.count(member, THREE_IN_TEN, Instant(1_000));
        }

        let by_then = window.count(b"d", THREE_IN_TEN, Instant(1_000));
        let set_right = window.count(b"d", THREE_IN_TEN, Instant(100));

        assert_eq!(by_then, Count::Full { retry_after: THREE_IN_TEN.length });
        assert_eq!(set_right, Count::Within(1));
    }

    #[test]
    fn a_window_is_read_as_it_was_written() {
        let mut window = SlidingWindow::default();
        for member in [&b"a"[..], b"", b"\0\xff"] {
            window.count(member, THREE_IN_TEN, Instant(1));
        }

        let row = window.encode();

        assert_eq!(SlidingWindow::decode(&row), Some(window));
        assert_eq!(SlidingWindow::decode(&row[..row.len() - 1]), None, "a row cut short is refused");
    }
}
