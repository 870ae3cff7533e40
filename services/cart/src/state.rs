//! What every module of this service works with.

use std::sync::Arc;

use bus::HeardUntil;
use kit::Context;

use crate::anonymous::AnonymousCarts;
use crate::live::Watchers;
use crate::model::CatalogCache;
use crate::sandbox::Sandbox;

/// The service's own state: its ports, and the restaurants that were read lately.
pub(crate) struct Carts {
    pub(crate) context: Context,
    /// Carts of those who are not signed in.
    pub(crate) anonymous: AnonymousCarts,
    pub(crate) catalogs: CatalogCache,
    /// Who watches orders.
    pub(crate) live: Watchers,
    /// Who holds what cards pay.
    pub(crate) sandbox: Sandbox,
    /// Up to when it is known what restaurants have published.
    pub(crate) catalogs_heard_until: HeardUntil,
}

impl Carts {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self {
            anonymous: AnonymousCarts::new(&context),
            sandbox: Sandbox::new(&context),
            context,
            catalogs: CatalogCache::new(),
            live: Watchers::default(),
            catalogs_heard_until: HeardUntil::default(),
        })
    }
}
