//! The key under which a client may repeat a request, and what tells a repetition from another request.

use std::time::Duration;

use aws_lc_rs::hmac;
use contracts::EmailEvent;

/// How long a key is remembered.
pub(crate) const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// Characters of a key; a UUID has 36.
const LONGEST: usize = 255;

/// The value of an `Idempotency-Key` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key, if it is one: visible ASCII characters, not too many.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_key = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_key.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_a_sane_length() {
        for key in ["a", "018f0000-0000-7000-8000-000000000001", "\"quoted\"", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(key).as_ref().map(IdempotencyKey::as_str), Some(key));
        }
        for wrong in ["", "a b", "a\n", "anahtarım", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(wrong), None, "{wrong:?}");
        }
    }
}
