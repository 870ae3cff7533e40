//! The form of rows on disk.
//!
//! A tag in front of each key keeps the kinds of rows apart; numbers are big-endian, so that rows lie in their order.

// | row        | key                                 | value                                |
// |------------|-------------------------------------|--------------------------------------|
// | entry      | `e`, name                           | expiry, due, kind, writing, payload  |
// | feed entry | `f`, length of name, name, position | expiry, position before it, payload  |
// | feed head  | `h`, name                           | expiry, position and append of the last entry |
// | due        | `d`, instant, key of what is due    |                                      |
// | newest     | `n`                                 | no entry was written behind it       |

use std::ops::{Bound, Range};

use super::instant::Instant;
use crate::Position;

/// What fits into the 65 535 bytes of a key in the longest form it takes, that of a feed entry that is due.
pub(super) const LONGEST_NAME: usize = 65_535 - (1 + 8) - (1 + 8 + 16);

const LAST: Position = Position { milliseconds: u64::MAX, sequence: u64::MAX };

/// What an entry is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Value = b'V',
    Window = b'W',
}

/// What stands at a key.
pub(super) struct Entry {
    pub(super) expires_at: Instant,
    /// When the sweep checks this row, at its expiry or earlier.
    pub(super) due: Instant,
    pub(super) kind: Kind,
    pub(super) written_at: Instant,
    pub(super) payload: Vec<u8>,
}

impl Entry {
    pub(super) fn key(name: &str) -> Vec<u8> {
        [b"e", name.as_bytes()].concat()
    }

    pub(super) fn is_key(key: &[u8]) -> bool {
        key.starts_with(b"e")
    }

    /// Where the keys of entries begin.
    pub(super) fn first() -> Bound<Vec<u8>> {
        Bound::Included(b"e".to_vec())
    }

    /// The keys of all entries from `start` on.
    pub(super) fn keys(start: Bound<Vec<u8>>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        (start, Bound::Excluded(b"f".to_vec()))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let [expires_at, due, written_at] = [self.expires_at, self.due, self.written_at].map(|at| at.0.to_be_bytes());
        [&expires_at, &due, &[self.kind as u8][..], &written_at, &self.payload].concat()
    }

    pub(super) fn decode(mut row: &[u8]) -> Option<Self> {
        let expires_at = Instant(take_number(&mut row)?);
        let due = Instant(take_number(&mut row)?);
        let (letter, mut row) = row.split_first()?;
        let kind = [Kind::Value, Kind::Window].into_iter().find(|known| *known as u8 == letter.to_ascii_uppercase())?;
        // An earlier version wrote a small letter and not when.
        let written_at = if letter.is_ascii_uppercase() { Instant(take_number(&mut row)?) } else { Instant::START };
        Some(Self { expires_at, due, kind, written_at, payload: row.to_vec() })
    }
}

/// One entry of a feed. It names the one before it, so that a reader sees whether something between was trimmed.
pub(super) struct FeedEntry {
    pub(super) expires_at: Instant,
    pub(super) previous: Position,
    pub(super) payload: Vec<u8>,
}

impl FeedEntry {
    pub(super) fn key(feed: &str, position: Position) -> Vec<u8> {
        // With the length in front, no feed's entries lie among those of a feed whose name starts alike.
        let length = (feed.len() as u64).to_be_bytes();
        [b"f", &length[..], feed.as_bytes(), &position_bytes(position)].concat()
    }

    pub(super) fn keys_behind(feed: &str, position: Position) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        (Bound::Excluded(Self::key(feed, position)), Bound::Included(Self::key(feed, LAST)))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        [&self.expires_at.0.to_be_bytes(), &position_bytes(self.previous)[..], &self.payload].concat()
    }

    pub(super) fn decode(key: &[u8], mut row: &[u8]) -> Option<(Position, Self)> {
        let position = take_position(&mut key.last_chunk::<16>()?.as_slice())?;
        let expires_at = Instant(take_number(&mut row)?);
        let previous = take_position(&mut row)?;
        Some((position, Self { expires_at, previous, payload: row.to_vec() }))
    }
}

/// The end of a feed. Feeds are few and known by name, so heads stay when their entries are gone.
pub(super) struct Head {
    pub(super) expires_at: Instant,
    pub(super) position: Position,
    /// By the clock of the store, which its position is not where that clock was set back.
    pub(super) appended_at: Instant,
}

impl Head {
    /// The end of a feed that nothing was appended to.
    pub(super) const NONE: Self =
        Self { expires_at: Instant::START, position: Position::START, appended_at: Instant::START };

    pub(super) fn key(feed: &str) -> Vec<u8> {
        [b"h", feed.as_bytes()].concat()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let (expires_at, appended_at) = (self.expires_at.0.to_be_bytes(), self.appended_at.0.to_be_bytes());
        [&expires_at[..], &position_bytes(self.position), &appended_at].concat()
    }

    pub(super) fn decode(mut row: &[u8]) -> Option<Self> {
        let expires_at = Instant(take_number(&mut row)?);
        let position = take_position(&mut row)?;
        // An earlier version wrote none.
        let appended_at = take_number(&mut row).map_or(Instant::START, Instant);
        Some(Self { expires_at, position, appended_at })
    }
}

/// The rows that the sweep has to check, by the instant when.
pub(super) struct Due;

impl Due {
    pub(super) fn key(due: Instant, key: &[u8]) -> Vec<u8> {
        [b"d", &due.0.to_be_bytes()[..], key].concat()
    }

    /// The keys of what is due from `start` on and before `end`.
    pub(super) fn keys(start: Instant, end: Instant) -> Range<Vec<u8>> {
        Self::key(start, &[])..Self::key(end, &[])
    }

    /// When something is due, and the key of what it is.
    pub(super) fn decode(mut key: &[u8]) -> Option<(Instant, &[u8])> {
        key.split_off_first()?;
        Some((Instant(take_number(&mut key)?), key))
    }
}

/// The instant behind which no entry was written.
pub(super) struct Newest;

impl Newest {
    pub(super) const KEY: &[u8] = b"n";

    pub(super) fn encode(newest: Instant) -> [u8; 8] {
        newest.0.to_be_bytes()
    }

    pub(super) fn decode(mut row: &[u8]) -> Option<Instant> {
        take_number(&mut row).map(Instant)
    }
}

fn position_bytes(position: Position) -> [u8; 16] {
    // One number of both parts sorts as they do.
    (u128::from(position.milliseconds) << 64 | u128::from(position.sequence)).to_be_bytes()
}

fn take_position(bytes: &mut &[u8]) -> Option<Position> {
    Some(Position { milliseconds: take_number(bytes)?, sequence: take_number(bytes)? })
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_be_bytes(*number))
}
