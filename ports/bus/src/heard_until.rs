//! Up to when a consumer has heard what was recorded, for whoever shows what it knows.

use std::sync::{Arc, Mutex, PoisonError};

use clock::Timestamp;

/// The instant up to which all events of a type are heard, as far as the log tells that stands between the services; cheap to
/// clone. A bus that is maintained sets it each second, and leaves it where it is while that can't be known.
#[derive(Debug, Clone, Default)]
pub struct HeardUntil(Arc<Mutex<Option<Timestamp>>>);

impl HeardUntil {
    /// `None` until it is known for the first time.
    #[must_use]
    pub fn get(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was recorded before `instant` is heard.
    pub fn set(&self, instant: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(instant);
    }
}
