//! What was written by a clock that was ahead is dated anew once that clock is set right: it would stay for as long as the
//! clock was ahead, and its time to live besides.

use std::ops::Bound;
use std::time::Duration;

use fjall::{Guard, OwnedWriteBatch};

use super::fault::unavailable;
use super::instant::Instant;
use super::row::{Entry, Newest};
use super::tree::Tree;
use crate::Result;

/// The newest instant is written down so far ahead, so that not each write has to.
const WRITE_INTERVAL: Duration = Duration::from_secs(1);
/// Smaller steps are those of a clock that is kept right.
const TOLERANCE: Duration = Duration::from_secs(1);
/// Few enough that others need not wait long for their turn.
const AT_ONCE: usize = 256;

impl Tree {
    /// Notes in the batch of a write that the clock has come to `now`.
    pub(super) fn note_newest(&mut self, batch: &mut OwnedWriteBatch, now: Instant) {
        if self.newest < now {
            self.set_newest(batch, now.plus(WRITE_INTERVAL));
        }
    }

    /// Gives some of the entries from `start` on the whole of their time to live from `now` on if they were written later than
    /// that, and says where to go on if more may be left.
    pub(super) fn date_anew(&mut self, start: Bound<Vec<u8>>, now: Instant) -> Result<Option<Bound<Vec<u8>>>> {
        if self.newest <= now.plus(WRITE_INTERVAL + TOLERANCE) {
            return Ok(None);
        }
        let some: fjall::Result<Vec<_>> =
            self.rows.range(Entry::keys(start)).take(AT_ONCE).map(Guard::into_inner).collect();
        let some = some.map_err(unavailable)?;

        let mut batch = self.batch();
        for (key, row) in &some {
            if let Some(entry) = Entry::decode(row)
                && now < entry.written_at
            {
                let expires_at = now.plus(entry.written_at.until(entry.expires_at));
                let due = self.due_by(&mut batch, key, Some(entry.due), expires_at);
                let entry = Entry { expires_at, due, written_at: now, ..entry };
                batch.insert(&self.rows, key.clone(), entry.encode());
            }
        }
        let next = some.last().filter(|_| some.len() == AT_ONCE).map(|(key, _)| Bound::Excluded(key.to_vec()));
        if next.is_none() {
            self.set_newest(&mut batch, now.plus(WRITE_INTERVAL));
        }
        self.commit(batch)?;
        Ok(next)
    }

    fn set_newest(&mut self, batch: &mut OwnedWriteBatch, newest: Instant) {
        batch.insert(&self.rows, Newest::KEY, Newest::encode(newest));
        self.newest = newest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expiring;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);

    fn put(tree: &mut Tree, count: usize, now: Instant) {
        for number in 0..count {
            tree.put(&format!("{number}"), Expiring { value: b"v", ttl: HOUR }, now).unwrap();
        }
    }

    fn standing(tree: &Tree, count: usize, now: Instant) -> usize {
        (0..count).filter(|number| tree.get(&number.to_string(), now).unwrap().is_some()).count()
    }

    fn date_all_anew(tree: &mut Tree, now: Instant) -> usize {
        let (mut start, mut rounds) = (Some(Entry::first()), 0);
        while let Some(next) = start {
            start = tree.date_anew(next, now).unwrap();
            rounds += 1;
        }
        rounds
    }

    #[test]
    fn whoever_opens_the_store_next_dates_anew_what_a_clock_wrote_that_was_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let (now, ahead, count) = (Instant(0).plus(HOUR), Instant(0).plus(11 * HOUR), 3 * AT_ONCE);
        let mut tree = Tree::open(folder.path()).unwrap();
        put(&mut tree, count, ahead);
        drop(tree);

        let mut tree = Tree::open(folder.path()).unwrap();
        date_all_anew(&mut tree, now);
        let (last, over) = (now.plus(HOUR - Duration::from_micros(1)), now.plus(HOUR));

        assert_eq!((standing(&tree, count, last), standing(&tree, count, over)), (count, 0));
        while tree.sweep(over).unwrap() {}
        assert_eq!(tree.rows.len().unwrap(), 1, "the newest instant alone");
    }

    #[test]
    fn what_was_written_before_the_clock_was_ahead_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (now, ahead) = (Instant(0).plus(HOUR), Instant(0).plus(11 * HOUR));
        let mut tree = Tree::open(folder.path()).unwrap();
        put(&mut tree, 1, now);
        tree.put("ahead", Expiring { value: b"v", ttl: HOUR }, ahead).unwrap();

        date_all_anew(&mut tree, now.plus(SECOND));

        assert_eq!(standing(&tree, 1, now.plus(HOUR)), 0);
        assert!(tree.get("ahead", now.plus(HOUR)).unwrap().is_some());
    }

    #[test]
    fn entries_are_read_through_only_where_the_clock_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let (now, count) = (Instant(0).plus(HOUR), 2 * AT_ONCE);
        let mut tree = Tree::open(folder.path()).unwrap();
        put(&mut tree, count, now.plus(SECOND));

        let rounds = [now, Instant(0), Instant(0)].map(|now| date_all_anew(&mut tree, now));

        assert_eq!(rounds, [1, 3, 1]);
    }
}
