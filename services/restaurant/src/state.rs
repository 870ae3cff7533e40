//! What every module of this service works with.

use std::sync::Arc;

use axum::body::Bytes;
use kit::Context;

use crate::index::RestaurantIndex;
use crate::model::{MOST_BYTES, MenuCache};
use crate::store::menu::Menu;

/// The service's own state: its ports, the menus that were read lately, what was answered with them, and the index by which
/// restaurants are found.
pub(crate) struct Restaurants {
    pub(crate) context: Context,
    pub(crate) menus: MenuCache<Menu>,
    pub(crate) answered_menus: MenuCache<AnsweredMenu>,
    pub(crate) index: Arc<RestaurantIndex>,
}

/// A whole menu as it is sent.
#[derive(Debug)]
pub(crate) struct AnsweredMenu {
    /// It holds as long as the menu is in this phase.
    pub(crate) phase: String,
    pub(crate) body: Bytes,
}

impl Restaurants {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        let index = Arc::new(RestaurantIndex::new(context.clone()));
        let (menus, answered_menus) = (MenuCache::new(MOST_BYTES), MenuCache::new(MOST_BYTES));
        Arc::new(Self { context, menus, answered_menus, index })
    }
}
