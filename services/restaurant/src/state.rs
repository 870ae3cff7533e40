//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;

/// The service's own state: its ports.
pub(crate) struct Restaurants {
    pub(crate) context: Context,
}

impl Restaurants {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self { context })
    }
}
