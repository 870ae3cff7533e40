//! Pages: what diners say of themselves, what they like, and what they want to hear of.

use std::sync::Arc;

use kit::Pages;

use crate::state::User;

/// All pages of the service.
pub(crate) fn pages(user: &Arc<User>) -> Pages {
    Pages::new().with_state(Arc::clone(user))
}
