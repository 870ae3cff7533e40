//! The real clock and the cryptographic generator.

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;

use crate::{Clock, Random, Timestamp};

/// How late an instant may be noticed that comes by a clock set forward.
const RECHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The time of the operating system.
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the operating system")]
    fn now(&self) -> Timestamp {
        Utc::now()
    }

    async fn sleep_until(&self, instant: Timestamp) {
        // A wait measured once would miss a clock set meanwhile; short naps bound that to a second.
        while let Ok(left) = (instant - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            self.sleep(left.min(RECHECK_INTERVAL)).await;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that really waits")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The cryptographic generator.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system seeds its generator at boot");
    }
}
