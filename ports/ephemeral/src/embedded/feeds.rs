//! Feeds: entries in order, trimmed from the oldest on.

use fjall::OwnedWriteBatch;

use super::fault::{foreign, unavailable};
use super::instant::Instant;
use super::row::{Due, FeedEntry, Head};
use super::tree::Tree;
use crate::{EphemeralError, Expiring, FEED_PAGE, Followed, Position, Result};

impl Tree {
    pub(super) fn append(&mut self, feed: &str, entry: Expiring<'_>, now: Instant) -> Result<Position> {
        let head = self.head(feed)?;
        let position = next_position(head.position, now);
        // None goes before the one in front of it, so that what is trimmed is always the oldest part.
        let expires_at = now.plus(entry.ttl).max(head.stays_until(now));
        let key = FeedEntry::key(feed, position);
        let entry = FeedEntry { expires_at, previous: head.position, payload: entry.value.to_vec() };

        let mut batch = self.batch();
        self.bring_forward(&mut batch, feed, expires_at)?;
        batch.insert(&self.rows, key.as_slice(), entry.encode());
        batch.insert(&self.rows, Head::key(feed), Head { expires_at, position, appended_at: now }.encode());
        self.set_due(&mut batch, &key, expires_at);
        self.commit(batch)?;
        Ok(position)
    }

    /// What stands in the feed stays until `latest` at most. It stays for longer only where a clock dated it that was ahead,
    /// and is then written anew, once.
    fn bring_forward(&mut self, batch: &mut OwnedWriteBatch, feed: &str, latest: Instant) -> Result<()> {
        for row in self.rows.range(FeedEntry::keys_behind(feed, Position::START)).rev() {
            let (key, row) = row.into_inner().map_err(unavailable)?;
            let (_, entry) = FeedEntry::decode(&key, &row).ok_or_else(|| cut_short(feed))?;
            if entry.expires_at <= latest {
                break;
            }
            batch.remove(&self.rows, Due::key(entry.expires_at, &key));
            self.set_due(batch, &key, latest);
            batch.insert(&self.rows, key, FeedEntry { expires_at: latest, ..entry }.encode());
        }
        Ok(())
    }

    pub(super) fn read_behind(&self, feed: &str, after: Position, now: Instant) -> Result<Followed> {
        let (mut entries, mut more) = (Vec::new(), false);
        // What comes right before the oldest entry left; if that is not `after`, some between are gone.
        let mut before = None;
        for row in self.rows.range(FeedEntry::keys_behind(feed, after)) {
            let (key, row) = row.into_inner().map_err(unavailable)?;
            let (position, entry) = FeedEntry::decode(&key, &row).ok_or_else(|| cut_short(feed))?;
            if now < entry.expires_at {
                if entries.len() == FEED_PAGE {
                    more = true;
                    break;
                }
                before.get_or_insert(entry.previous);
                entries.push((position, entry.payload));
            }
        }
        let before = match before {
            Some(position) => position,
            None => self.head(feed)?.position,
        };
        Ok(Followed { entries, gap: after != Position::START && after != before, more })
    }

    fn head(&self, feed: &str) -> Result<Head> {
        match self.rows.get(Head::key(feed)).map_err(unavailable)? {
            Some(row) => Head::decode(&row).ok_or_else(|| foreign(feed, "a head that is cut short")),
            None => Ok(Head::NONE),
        }
    }
}

impl Head {
    /// How long the last entry stays, as it seems at `now`. Where a clock appended it that was ahead and is set right, it stays
    /// as long from now on, at most.
    fn stays_until(&self, now: Instant) -> Instant {
        if now < self.appended_at { now.plus(self.appended_at.until(self.expires_at)) } else { self.expires_at }
    }
}

fn cut_short(feed: &str) -> EphemeralError {
    foreign(feed, "an entry that is cut short")
}

/// The place behind `last` at `now`: positions go on even if the clock went back.
fn next_position(last: Position, now: Instant) -> Position {
    if last.milliseconds < now.milliseconds() {
        Position { milliseconds: now.milliseconds(), sequence: 0 }
    } else {
        Position { sequence: last.sequence + 1, ..last }
    }
}
