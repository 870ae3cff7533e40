//! Pages: what a diner is about to order and has ordered, and the board of a kitchen.

use std::sync::Arc;

use kit::Pages;

use crate::state::Carts;

/// All pages of the service.
pub(crate) fn pages(carts: &Arc<Carts>) -> Pages {
    Pages::new().with_state(Arc::clone(carts))
}
