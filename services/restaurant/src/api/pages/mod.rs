//! Pages: restaurants and their menus as diners choose from them, and as their managers keep them.

use std::sync::Arc;

use kit::Pages;

use crate::state::Restaurants;

/// All pages of the service.
pub(crate) fn pages(restaurants: &Arc<Restaurants>) -> Pages {
    Pages::new().with_state(Arc::clone(restaurants))
}
