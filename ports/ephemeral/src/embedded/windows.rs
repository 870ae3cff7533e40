//! Keys that count members in a sliding window.

use super::instant::Instant;
use super::row::Kind;
use super::sliding_window::SlidingWindow;
use super::tree::{Slot, Tree};
use crate::{Count, Members, Result, Window};

impl Tree {
    pub(super) fn count(&mut self, key: &str, member: &[u8], window: Window, now: Instant) -> Result<Count> {
        let slot = self.slot(key)?;
        let mut standing = members(&slot, now)?;
        let count = standing.count(member, window, now);
        if let Count::Within(_) = count {
            self.fill(slot, (Kind::Window, standing.encode()), now, now.plus(window.length))?;
        }
        Ok(count)
    }

    pub(super) fn uncount(&mut self, key: &str, given_back: Members<'_>, now: Instant) -> Result<()> {
        let slot = self.slot(key)?;
        let mut standing = members(&slot, now)?;
        match given_back {
            Members::One(member) => standing.uncount(member),
            Members::All => standing = SlidingWindow::default(),
        }
        match &slot.held {
            Some(held) if !standing.is_empty() => {
                let (written_at, expires_at) = (held.written_at, held.expires_at);
                self.fill(slot, (Kind::Window, standing.encode()), written_at, expires_at)
            }
            Some(_) | None => self.clear(slot),
        }
    }
}

fn members(slot: &Slot<'_>, now: Instant) -> Result<SlidingWindow> {
    match slot.standing(Kind::Window, now)? {
        Some(payload) => SlidingWindow::decode(payload).ok_or_else(|| slot.foreign("a window that is cut short")),
        None => Ok(SlidingWindow::default()),
    }
}
