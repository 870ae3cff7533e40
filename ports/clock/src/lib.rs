//! Time, ids and randomness: what a program can only take from outside.
//!
//! Everything above asks [`Sources`] and nothing else, so a test fixes all three. Production uses the system clock and
//! the cryptographic generator; tests a clock that they move by hand and a seeded generator.

mod backoff;
mod manual;
mod recent;
mod seeded;
mod set_back;
mod system;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

pub use backoff::Backoff;
pub use manual::ManualClock;
pub use recent::Recent;
pub use seeded::SeededRandom;
pub use set_back::SetBack;
pub use system::{SystemClock, SystemRandom};

/// An instant in UTC. Stored and sent with microseconds, the finest that both databases keep.
pub type Timestamp = DateTime<Utc>;

/// Where the time comes from.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Returns when `instant` has come; at once if it is past. Follows a clock that is set, so it is for what is due at an
    /// instant, never for a pause.
    async fn sleep_until(&self, instant: Timestamp);
    /// Returns after `duration`, wherever the clock is set meanwhile.
    async fn sleep(&self, duration: Duration);
}

/// Where unpredictable bytes come from.
pub trait Random: Send + Sync + 'static {
    /// Overwrites `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the generator of one process, cheap to clone.
#[derive(Clone)]
pub struct Sources {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Sources {
    /// The sources of a running platform.
    #[must_use]
    pub fn system() -> Self {
        Self::new(SystemClock, SystemRandom)
    }

    /// Sources made of the given parts.
    pub fn new(clock: impl Clock, random: impl Random) -> Self {
        Self { clock: Arc::new(clock), random: Arc::new(random) }
    }

    /// The present instant, whole microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now().trunc_subsecs(6)
    }

    /// `N` random bytes, fit for keys and tokens.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A random number from 0 up to, but not including, 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(self.bytes())) / 2.0_f64.powi(32)
    }

    /// A new `UUIDv7`, so that rows made later sort later (RFC 9562, section 5.7).
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        let milliseconds = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }

    /// Returns when `instant` has come. A clock that is set back makes that later; see [`Sources::sleep`].
    pub async fn sleep_until(&self, instant: Timestamp) {
        self.clock.sleep_until(instant).await;
    }

    /// Returns after `duration`, wherever the clock is set meanwhile.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}
