//! What a service records, as other services hear it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bus::{Bus, BusUrl, Consumer, HearError, Heard, Hears};
use contracts::Event;
use database::WriteTransaction;
use tokio_util::sync::CancellationToken;

use crate::Context;

/// The events of one type that are recorded in a database.
pub struct Recorded<E> {
    bus: Bus,
    collected: Collected<E>,
}

/// The events of one type that were heard; clones share them.
pub struct Collected<E>(Arc<Mutex<Vec<E>>>);

impl<E: Event + Clone> Recorded<E> {
    /// Those that are recorded in the database of `context` from now on.
    pub async fn of(context: &Context) -> Self {
        let collected = Collected::default();
        let consumer = Consumer::named(E::TOPIC).hears::<E>(collected.clone());
        let bus = Bus::open(&BusUrl::Embedded, context.database.clone(), vec![consumer]).await.unwrap();
        Self { bus, collected }
    }

    /// Takes those that were recorded since the last call, oldest first.
    pub async fn take(&self) -> Vec<E> {
        hear_all(&self.bus).await;
        self.collected.take()
    }
}

impl<E> Collected<E> {
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
