//! How many searches run at once, and how many wait for them: what a search costs, its words decide, and those are anybody's.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::RestaurantError;

/// Searches that may wait for each core. The dearest takes a twentieth of a second among 100 000 restaurants.
const QUEUE_PER_CORE: usize = 8;

/// A core for each search, and a bounded queue.
pub(super) struct Slots {
    cores: Semaphore,
    /// With those that run.
    queue: Semaphore,
}

impl Default for Slots {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        Self::of(cores, cores * QUEUE_PER_CORE)
    }
}

impl Slots {
    fn of(cores: usize, waiting: usize) -> Self {
        Self { cores: Semaphore::new(cores), queue: Semaphore::new(cores + waiting) }
    }

    /// Does `work` on a thread of its own once there is a core for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, RestaurantError> {
        let _place = self.queue.try_acquire().map_err(|_| RestaurantError::SearchBusy)?;
        let _core = self.cores.acquire().await.map_err(|_| RestaurantError::SearchBusy)?;
        Ok(spawn_blocking(work).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_refused_at_once_and_others_have_their_turn() {
        let slots = Slots::of(1, 1);
        let (finish, finished) = mpsc::channel::<()>();

        let first = slots.run(move || finished.recv().is_ok());
        let second = slots.run(|| true);
        let third = async {
            let refused = slots.run(|| true).await;
            finish.send(()).unwrap();
            refused
        };
        let (first, second, third) = tokio::join!(biased; first, second, third);

        assert_eq!((first.ok(), second.ok()), (Some(true), Some(true)));
        assert!(matches!(third, Err(RestaurantError::SearchBusy)), "{third:?}");
        assert!(slots.run(|| ()).await.is_ok(), "its place is free again");
    }
}
