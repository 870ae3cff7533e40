//! What every module of this service works with.

use std::sync::Arc;

use kit::Context;

use crate::anonymous::AnonymousCarts;
use crate::model::CatalogCache;

/// The service's own state: its ports, and the restaurants that were read lately.
pub(crate) struct Carts {
    pub(crate) context: Context,
    /// Carts of those who are not signed in.
    pub(crate) anonymous: AnonymousCarts,
    pub(crate) catalogs: CatalogCache,
}

impl Carts {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self { anonymous: AnonymousCarts::new(&context), context, catalogs: CatalogCache::new() })
    }
}
