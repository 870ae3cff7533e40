//! The real clock and the cryptographic generator.

use async_trait::async_trait;
use chrono::Utc;

use crate::{Clock, Random, Timestamp};

/// The time of the operating system.
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the operating system")]
    fn now(&self) -> Timestamp {
        Utc::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that really waits")]
    async fn sleep_until(&self, instant: Timestamp) {
        // A wait measured once would miss a clock set forward meanwhile; short naps bound that to a minute.
        while let Ok(left) = (instant - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(std::time::Duration::from_secs(60))).await;
        }
    }
}

/// The cryptographic generator.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system seeds its generator at boot");
    }
}
