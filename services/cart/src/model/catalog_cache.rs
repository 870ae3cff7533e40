//! Restaurants that were read lately, so that a cart is priced without asking the database each time.
//!
//! What stands here is taken as it is for a second, and then as long as the version in the database is the same.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use contracts::RestaurantId;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::RestaurantCopy;

/// For how long nobody asks for the version.
const TTL: Duration = Duration::from_secs(1);
/// How many bytes of menus a process keeps, as they are weighed.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Restaurants that fit there by their average weight.
const EXPECTED: usize = 2_000;

/// A restaurant, where anything is known of it.
pub(crate) type Found = Option<Arc<RestaurantCopy>>;

/// Restaurants by their ids; also those of which nothing is known.
#[derive(Debug)]
pub(crate) struct CatalogCache(Cache<RestaurantId, Kept, Weight>);

#[derive(Debug, Clone)]
struct Kept {
    version: Option<i64>,
    copy: Found,
    checked_at: Timestamp,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<RestaurantId, Kept> for Weight {
    fn weight(&self, _: &RestaurantId, kept: &Kept) -> u64 {
        kept.copy.as_ref().map_or(256, |copy| copy.weight())
    }
}

impl CatalogCache {
    pub(crate) fn new() -> Self {
        Self(Cache::with_weighter(EXPECTED, MOST_BYTES, Weight))
    }

    /// What was found within the last second.
    pub(crate) fn fresh(&self, id: RestaurantId, now: Timestamp) -> Option<Found> {
        let kept = self.0.get(&id)?;
        let is_fresh = (now - kept.checked_at).to_std().is_ok_and(|age| age < TTL);
        is_fresh.then_some(kept.copy)
    }

    /// What is kept, for another second, where it is of this version.
    pub(crate) fn renew(&self, id: RestaurantId, version: Option<i64>, now: Timestamp) -> Option<Found> {
        let kept = self.0.get(&id).filter(|kept| kept.version == version)?;
        let copy = kept.copy.clone();
        self.0.insert(id, Kept { checked_at: now, ..kept });
        Some(copy)
    }

    pub(crate) fn put(&self, id: RestaurantId, version: Option<i64>, copy: Found, now: Timestamp) {
        self.0.insert(id, Kept { version, copy, checked_at: now });
    }

    pub(crate) fn forget(&self, id: RestaurantId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_taken_for_a_second_and_then_as_long_as_its_version_stands() {
        let (cache, id) = (CatalogCache::new(), RestaurantId::PLATFORM);
        let at = |time: &str| format!("2026-03-02T12:00:{time}Z").parse().unwrap();
        let copy = Some(Arc::new(RestaurantCopy::new("Çıpa".to_owned(), None, None)));

        cache.put(id, Some(1), copy, at("00"));

        assert!(cache.fresh(id, at("00.999")).is_some());
        assert!(cache.fresh(id, at("01")).is_none());
        assert!(cache.renew(id, Some(2), at("01")).is_none());
        assert!(cache.renew(id, Some(1), at("01")).is_some());
        assert!(cache.fresh(id, at("01.5")).is_some());
        assert!(cache.fresh(id, at("00.5")).is_none(), "a clock that was set back is no reason to believe it longer");
        cache.forget(id);
        assert!(cache.fresh(id, at("01.5")).is_none());
    }
}
