//! What a service records, as other services hear it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bus::{Bus, HearError, Heard, Hears};
use contracts::Event;
use database::WriteTransaction;
use tokio_util::sync::CancellationToken;

/// The events of one type that were heard; clones share them.
pub struct Collected<E>(Arc<Mutex<Vec<E>>>);

impl<E> Collected<E> {
    /// How many there are since they were taken last.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes them, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<E> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<E> Clone for Collected<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Default for Collected<E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[async_trait]
impl<E: Event + Clone> Hears<E> for Collected<E> {
    async fn hear(&self, _: &WriteTransaction, heard: &Heard<E>) -> Result<(), HearError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(heard.event.clone());
        Ok(())
    }
}

/// Lets the consumers of `bus` hear all that was recorded.
pub async fn hear_all(bus: &Bus) {
    tokio::select! {
        () = bus.run(CancellationToken::new()) => unreachable!("nobody stops it"),
        idle = bus.idle() => idle.unwrap(),
    }
}
