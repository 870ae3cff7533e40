//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;

use crate::index::RestaurantIndex;
use crate::model::{MOST_BYTES, MenuCache};
use crate::store::menu::Menu;

/// The service's own state: its ports, the menus that were read lately, and the index by which restaurants are found.
pub(crate) struct Restaurants {
    pub(crate) context: Context,
    pub(crate) menus: MenuCache<Menu>,
    pub(crate) index: Arc<RestaurantIndex>,
}

impl Restaurants {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        let index = Arc::new(RestaurantIndex::new(context.clone()));
        Arc::new(Self { context, menus: MenuCache::new(MOST_BYTES), index })
    }
}
