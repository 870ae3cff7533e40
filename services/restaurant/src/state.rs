//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;

use crate::model::{MOST_BYTES, MenuCache};
use crate::store::menu::Menu;

/// The service's own state: its ports, and the menus that were read lately.
pub(crate) struct Restaurants {
    pub(crate) context: Context,
    pub(crate) menus: MenuCache<Menu>,
}

impl Restaurants {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self { context, menus: MenuCache::new(MOST_BYTES) })
    }
}
