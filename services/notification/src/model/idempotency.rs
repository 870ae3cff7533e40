//! What tells a repeated request from another one under the same key.

use std::time::Duration;

use aws_lc_rs::hmac;
use contracts::EmailEvent;

/// How long a key is kept.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// Makes fingerprints of requests. A code is short enough to be guessed from a plain digest, so this is a MAC.
#[derive(Clone)]
pub(crate) struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The same for the same mail alone.
    pub(crate) fn of(&self, event: &EmailEvent) -> Vec<u8> {
        let json = serde_json::to_vec(event).expect("an event is JSON, or it could not be recorded");
        hmac::sign(&self.0, &json).as_ref().to_vec()
    }
}
