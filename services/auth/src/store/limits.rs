//! Windows of attempts, counted in the ephemeral store, or in this process while that is away.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::Sources;
use ephemeral::{Count, EphemeralError, EphemeralStore, Members};
use kit::FailureStreak;

use crate::model::limits::{OnSuccess, Slot};
use crate::model::windows::Windows;

/// Takes places in windows before anything costly is done, so that parallel attempts get exactly the quota.
pub(crate) struct Limits {
    store: Arc<dyn EphemeralStore>,
    here: Mutex<Windows>,
    failures: FailureStreak,
    sources: Sources,
}

/// What to do while the ephemeral store is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenAway {
    /// Refuse the attempt: it needs the store anyway.
    Refuse,
    /// Count at the same rate in this process.
    CountHere,
}

/// The places that one attempt took.
#[must_use = "an attempt ends in success, in vain, or as a failure that keeps its places"]
pub(crate) struct Reservation {
    slots: Vec<Slot>,
    counted: Counted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    InStore,
    Here,
}

/// Why an attempt may not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRoom {
    /// A window is full.
    #[error("too many attempts; the next one fits after {retry_after:?}")]
    Full {
        /// How long until another attempt fits.
        retry_after: Duration,
    },
    /// The store is away, and it must not be.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
}

impl Limits {
    pub(crate) fn new(store: Arc<dyn EphemeralStore>, sources: Sources) -> Self {
        Self { store, here: Mutex::default(), failures: FailureStreak::default(), sources }
    }

    /// Takes a place in each window, in their order; in none of them when one is full.
    pub(crate) async fn reserve(&self, slots: Vec<Slot>, away: WhenAway) -> Result<Reservation, NoRoom> {
        match self.take(&slots, Counted::InStore).await {
            Ok(()) => {
                if self.failures.ends() {
                    tracing::info!("attempts are counted in the ephemeral store again");
                }
                Ok(Reservation { slots, counted: Counted::InStore })
            }
            Err(NoRoom::Ephemeral(error)) if away == WhenAway::CountHere => {
                if self.failures.begins() {
                    tracing::warn!(%error, "attempts are counted in this process for the moment");
                }
                self.take(&slots, Counted::Here).await?;
                Ok(Reservation { slots, counted: Counted::Here })
            }
            Err(no_room) => Err(no_room),
        }
    }

    /// The attempt succeeded: what it took is given back, and its own windows are cleared.
    pub(crate) async fn succeed(&self, reservation: &Reservation) {
        for slot in &reservation.slots {
            let members = match slot.on_success {
                OnSuccess::GiveBack => Members::One(&slot.member),
                OnSuccess::Clear => Members::All,
            };
            self.uncount(&slot.key, members, reservation.counted).await;
        }
    }

    /// The attempt was not made after all.
    pub(crate) async fn give_back(&self, reservation: &Reservation) {
        self.give_back_slots(&reservation.slots, reservation.counted).await;
    }

    /// Empties the window of `key`.
    pub(crate) async fn clear(&self, key: &str) {
        self.uncount(key, Members::All, Counted::InStore).await;
        self.uncount(key, Members::All, Counted::Here).await;
    }

    async fn take(&self, slots: &[Slot], counted: Counted) -> Result<(), NoRoom> {
        for (taken, slot) in slots.iter().enumerate() {
            match self.count(slot, counted).await {
                Ok(Count::Within(_)) => {}
                Ok(Count::Full { retry_after }) => {
                    self.give_back_slots(&slots[..taken], counted).await;
                    return Err(NoRoom::Full { retry_after });
                }
                Err(error) => {
                    self.give_back_slots(&slots[..taken], counted).await;
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    async fn give_back_slots(&self, slots: &[Slot], counted: Counted) {
        for slot in slots {
            self.uncount(&slot.key, Members::One(&slot.member), counted).await;
        }
    }

    async fn count(&self, slot: &Slot, counted: Counted) -> ephemeral::Result<Count> {
        match counted {
            Counted::InStore => self.store.count(&slot.key, &slot.member, slot.window).await,
            Counted::Here => {
                let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(here.count(&slot.key, &slot.member, slot.window, self.sources.now()))
            }
        }
    }

    /// A place that can't be given back leaves its window by itself, so a failure only makes the limit stricter.
    async fn uncount(&self, key: &str, members: Members<'_>, counted: Counted) {
        match counted {
            Counted::InStore => {
                if let Err(error) = self.store.uncount(key, members).await
                    && self.failures.begins()
                {
                    tracing::warn!(%error, "attempts can't be given back");
                }
            }
            Counted::Here => self.here.lock().unwrap_or_else(PoisonError::into_inner).uncount(key, members),
        }
    }
}
