//! What expired leaves the disk. Nobody waits for it: reading never shows an expired entry, swept or not.

use fjall::Guard;

use super::fault::unavailable;
use super::instant::Instant;
use super::row::{Due, Entry};
use super::tree::Tree;
use crate::Result;

/// Few enough that others need not wait long for their turn.
const AT_ONCE: usize = 64;

impl Tree {
    /// Looks at some of the rows that are due by `now`, and removes what expired; true if more of them may be left.
    pub(super) fn sweep(&mut self, now: Instant) -> Result<bool> {
        // From where the last sweep ended, because what that one removed lies before it as tombstones for a while.
        let keys = Due::keys(self.swept_until, now.next());
        let due: fjall::Result<Vec<_>> = self.rows.range(keys).take(AT_ONCE).map(Guard::key).collect();
        let due = due.map_err(unavailable)?;

        let mut batch = self.batch();
        let mut swept_until = now.next();
        for index in &due {
            if let Some((instant, key)) = Due::decode(index) {
                match self.renewed(key, now)? {
                    Some(entry) => {
                        let due = self.set_due(&mut batch, key, entry.expires_at);
                        batch.insert(&self.rows, key, Entry { due, ..entry }.encode());
                    }
                    None => batch.remove(&self.rows, key),
                }
                swept_until = instant;
            }
            batch.remove(&self.rows, index.clone());
        }
        self.commit(batch)?;
        let more = due.len() == AT_ONCE;
        self.swept_until = if more { swept_until } else { now.next() };
        Ok(more)
    }

    /// The entry at `key` if it outlives `now`. What lies in a feed is never renewed.
    fn renewed(&self, key: &[u8], now: Instant) -> Result<Option<Entry>> {
        if !Entry::is_key(key) {
            return Ok(None);
        }
        let row = self.rows.get(key).map_err(unavailable)?;
        Ok(row.and_then(|row| Entry::decode(&row)).filter(|entry| now < entry.expires_at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Expiring, Window};

    const SECOND: Duration = Duration::from_secs(1);

    /// Later than the instant at which an empty store begins.
    fn start() -> Instant {
        Instant(0).plus(SECOND)
    }

    fn fill(tree: &mut Tree, entries: usize, now: Instant) {
        let window = Window { limit: 5, length: SECOND };
        for number in 0..entries {
            tree.put(&format!("value {number}"), Expiring { value: b"v", ttl: SECOND }, now).unwrap();
            tree.count(&format!("window {number}"), b"member", window, now).unwrap();
            tree.append("feed", Expiring { value: b"entry", ttl: SECOND }, now).unwrap();
        }
    }

    fn sweep_all(tree: &mut Tree, now: Instant) {
        while tree.sweep(now).unwrap() {}
    }

    #[test]
    fn all_that_expired_leaves_the_disk_but_the_head_of_the_feed_and_the_newest_instant() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(folder.path()).unwrap();
        fill(&mut tree, AT_ONCE, start());

        sweep_all(&mut tree, start().plus(SECOND));

        assert_eq!(tree.rows.len().unwrap(), 2);
    }

    #[test]
    fn what_was_renewed_leaves_when_its_new_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(folder.path()).unwrap();
        let (second, two) = (start().plus(SECOND), start().plus(2 * SECOND));
        tree.put("longer", Expiring { value: b"old", ttl: SECOND }, start()).unwrap();
        tree.put("longer", Expiring { value: b"new", ttl: 2 * SECOND }, start()).unwrap();
        tree.put("shorter", Expiring { value: b"old", ttl: 3 * SECOND }, start()).unwrap();
        tree.put("shorter", Expiring { value: b"new", ttl: 2 * SECOND }, start()).unwrap();

        sweep_all(&mut tree, second);
        let meanwhile = tree.get("longer", second).unwrap();
        sweep_all(&mut tree, two);

        assert_eq!(meanwhile.as_deref(), Some(&b"new"[..]));
        assert_eq!(tree.rows.len().unwrap(), 1);
    }

    #[test]
    fn what_expires_before_the_last_sweep_because_the_clock_went_back_is_swept_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(folder.path()).unwrap();
        let hour = start().plus(3600 * SECOND);
        sweep_all(&mut tree, hour);
        tree.put("key", Expiring { value: b"v", ttl: SECOND }, start()).unwrap();

        sweep_all(&mut tree, start().plus(SECOND));

        assert_eq!(tree.rows.len().unwrap(), 1);
    }
}
