//! What every module of this service works with.

use std::sync::Arc;

use contracts::geography::Places;
use kit::Context;
use kit::cache::Cache;

use crate::store::address::Address;

/// The service's own state: its ports, what was read lately, and the places that it suggests.
pub(crate) struct Addresses {
    pub(crate) context: Context,
    /// Each address by its id.
    pub(crate) cached: Cache<Address>,
    /// All addresses of a user, by the user's id.
    pub(crate) cached_lists: Cache<Vec<Address>>,
    pub(crate) places: Places,
}

impl Addresses {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        let (cached, cached_lists) = (Cache::new("address", &context), Cache::new("addresses", &context));
        Arc::new(Self { context, cached, cached_lists, places: Places::of_turkey() })
    }
}
