//! The index by which this process finds restaurants, and its follower of the tables.
//!
//! Each process builds its own and follows by the versions of rows: no event and no other process takes part. What was found is
//! read from the database again before anybody sees it.

mod documents;
mod follower;
mod slots;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use kit::{Check, Context, Status};
use search::{Found, Index};
use tokio::sync::Mutex;

use crate::error::RestaurantError;
use crate::model::Facts;

use follower::Progress;
use slots::Slots;

pub(crate) use follower::task;

/// All restaurants that everybody sees, as of a moment ago.
pub(crate) struct RestaurantIndex {
    context: Context,
    /// `None` until all restaurants have been read once.
    current: RwLock<Option<Arc<Index<Facts>>>>,
    progress: Mutex<Progress>,
    slots: Slots,
}

impl RestaurantIndex {
    pub(crate) fn new(context: Context) -> Self {
        Self { context, current: RwLock::default(), progress: Mutex::default(), slots: Slots::default() }
    }

    /// Answers `search`, on a thread that may be kept busy.
    pub(crate) async fn search(
        &self,
        search: impl FnOnce(&Index<Facts>) -> Found + Send + 'static,
    ) -> Result<Found, RestaurantError> {
        let index = self.current().ok_or(RestaurantError::IndexNotBuilt)?;
        self.slots.run(move || search(&index)).await
    }

    /// What can be found now.
    pub(crate) fn current(&self) -> Option<Arc<Index<Facts>>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, index: Index<Facts>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(index));
    }
}

/// Readiness: who has not read all restaurants finds none.
pub(crate) struct IndexCheck(pub(crate) Arc<RestaurantIndex>);

#[async_trait]
impl Check for IndexCheck {
    fn name(&self) -> &'static str {
        "restaurant_index"
    }

    async fn status(&self) -> Status {
        match self.0.current() {
            Some(_) => Status::Up,
            None => Status::Down("the index of restaurants is being built".to_owned()),
        }
    }
}
