//! Pages: where a diner wants to be served.

use std::sync::Arc;

use kit::Pages;

use crate::state::Addresses;

/// All pages of the service.
pub(crate) fn pages(addresses: &Arc<Addresses>) -> Pages {
    Pages::new().with_state(Arc::clone(addresses))
}
