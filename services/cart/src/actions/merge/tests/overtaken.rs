//! A store that lets others come between a read of a process and what that does next.

use std::sync::Arc;

use async_trait::async_trait;
use ephemeral::{EphemeralStore, Result};
use futures_util::future::BoxFuture;
use kit::testing::{Front, InFront};
use tokio::sync::Mutex;

/// The others come once.
pub(super) struct Overtaken {
    store: Arc<dyn EphemeralStore>,
    others: Mutex<(u32, Option<BoxFuture<'static, ()>>)>,
}

impl Overtaken {
    /// Behind this read, the first of them being 1.
    pub(super) fn at(
        read: u32,
        store: &Arc<dyn EphemeralStore>,
        others: BoxFuture<'static, ()>,
    ) -> Arc<dyn EphemeralStore> {
        let (store, others) = (Arc::clone(store), Mutex::new((read, Some(others))));
        Arc::new(Front(Self { store, others }))
    }
}

#[async_trait]
impl InFront for Overtaken {
    fn behind(&self) -> &dyn EphemeralStore {
        &*self.store
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let found = self.store.get(key).await;
        let mut others = self.others.lock().await;
        others.0 = others.0.saturating_sub(1);
        if others.0 == 0
            && let Some(others) = others.1.take()
        {
            others.await;
        }
        found
    }
}
