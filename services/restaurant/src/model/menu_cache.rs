//! Menus that were read lately, so that most readers need none of the tables.
//!
//! A menu stands here under its restaurant and the version of that, which each change raises; so nothing is ever invalidated.
//! Whoever reads has asked the database for the version first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::RestaurantId;

/// How many bytes a process keeps of each: of menus, as they are weighed, and of answers with menus.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Values of `T` by restaurant and version, the least recently used leaving first.
#[derive(Debug)]
pub(crate) struct MenuCache<T> {
    most_bytes: usize,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    entries: HashMap<RestaurantId, Entry<T>>,
    /// By when they were last used.
    used: BTreeMap<u64, RestaurantId>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<T> {
    version: i64,
    value: Arc<T>,
    bytes: usize,
    used: u64,
}

impl<T> MenuCache<T> {
    pub(crate) fn new(most_bytes: usize) -> Self {
        let kept = Kept { entries: HashMap::new(), used: BTreeMap::new(), uses: 0, bytes: 0 };
        Self { most_bytes, kept: Mutex::new(kept) }
    }

    /// The menu of that version.
    pub(crate) fn get(&self, id: RestaurantId, version: i64) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        let entry = kept.entries.get_mut(&id).filter(|entry| entry.version == version)?;
        kept.used.remove(&entry.used);
        kept.uses += 1;
        entry.used = kept.uses;
        kept.used.insert(entry.used, id);
        Some(Arc::clone(&entry.value))
    }

    /// Keeps the menu, which weighs so many bytes, unless a newer version is there. One that would fill all is not kept.
    pub(crate) fn put(&self, id: RestaurantId, version: i64, value: Arc<T>, bytes: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = kept.entries.get(&id).is_some_and(|entry| entry.version > version);
        if is_old || bytes > self.most_bytes {
            return;
        }
        kept.remove(id);
        while kept.bytes + bytes > self.most_bytes {
            let Some(oldest) = kept.used.first_key_value().map(|(_, id)| *id) else { break };
            kept.remove(oldest);
        }
        kept.uses += 1;
        let used = kept.uses;
        kept.used.insert(used, id);
        kept.bytes += bytes;
        kept.entries.insert(id, Entry { version, value, bytes, used });
    }
}

impl<T> Kept<T> {
    fn remove(&mut self, id: RestaurantId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.used.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> RestaurantId {
        RestaurantId(contracts::uuid::Uuid::from_u128(number))
    }

    fn cache() -> MenuCache<u32> {
        MenuCache::new(100)
    }

    fn value(cache: &MenuCache<u32>, number: u128, version: i64) -> Option<u32> {
        cache.get(id(number), version).map(|value| *value)
    }

    #[test]
    fn a_menu_is_found_by_its_version_alone() {
        let cache = cache();
        cache.put(id(1), 7, Arc::new(70), 10);

        assert_eq!((value(&cache, 1, 7), value(&cache, 1, 6), value(&cache, 1, 8)), (Some(70), None, None));
        assert_eq!(value(&cache, 2, 7), None);
    }

    #[test]
    fn a_late_reader_puts_no_old_version_in_the_place_of_a_new_one() {
        let cache = cache();
        cache.put(id(1), 8, Arc::new(80), 10);
        cache.put(id(1), 7, Arc::new(70), 10);

        assert_eq!((value(&cache, 1, 8), value(&cache, 1, 7)), (Some(80), None));
    }

    #[test]
    fn whoever_was_not_read_for_longest_leaves_first() {
        let cache = cache();
        for number in 1..=4 {
            cache.put(id(number), 1, Arc::new(0), 25);
        }
        value(&cache, 1, 1);
        cache.put(id(5), 1, Arc::new(0), 30);

        let kept: Vec<u128> = (1..=5).filter(|number| value(&cache, *number, 1).is_some()).collect();
        assert_eq!(kept, [1, 4, 5]);
        assert!(cache.kept.lock().unwrap().bytes <= 100);
    }

    #[test]
    fn a_new_version_takes_the_place_of_the_old_one_and_what_is_too_big_takes_none() {
        let cache = cache();
        cache.put(id(1), 1, Arc::new(1), 60);
        cache.put(id(1), 2, Arc::new(2), 70);
        cache.put(id(2), 1, Arc::new(3), 101);

        assert_eq!((value(&cache, 1, 2), value(&cache, 2, 1)), (Some(2), None));
        assert_eq!(cache.kept.lock().unwrap().bytes, 70);
    }
}
