//! One root key, from which every other key of the platform is derived.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// Keeps secrets out of the database, and makes the keys that must not stand in it.
///
/// Sealing is AES-256-GCM under a key of its own for each purpose, derived by HKDF-SHA-256 (RFC 5869).
#[derive(Clone)]
pub struct Vault {
    root: Arc<Prk>,
}

/// A sealed text was changed, was sealed for another purpose, or under another root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value can't be opened: it was changed, or SECRET_KEY is not the one that sealed it")]
pub struct Tampered;

/// Bytes of an AES-GCM nonce, which stand in front of the sealed text.
const NONCE: usize = 12;

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl Vault {
    /// A vault over the root key `secret`, which should hold 32 random bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self { root: Arc::new(Salt::new(HKDF_SHA256, b"lezzetlimani").extract(secret)) }
    }

    /// The key for `purpose`; the same in every process that shares the root key.
    #[must_use]
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        self.root
            .expand(&[purpose.as_bytes()], Bytes32)
            .and_then(|material| material.fill(&mut key))
            .expect("32 bytes are within what HKDF-SHA-256 yields");
        key
    }

    /// Hides `plain`, to be opened for the same `purpose` alone.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let mut text = plain.to_vec();
        // The nonce is the backend's own: one drawn from a seeded source would repeat under the same key after a restart.
        let nonce = self
            .sealing_key(purpose)
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut text)
            .expect("a value of ours is far shorter than AES-GCM's limit of 64 GiB");
        [nonce.as_ref().as_slice(), &text].concat()
    }

    /// Shows what [`Vault::seal`] hid for `purpose`.
    ///
    /// # Errors
    /// It was changed, or sealed for another purpose or with another key.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Tampered> {
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or(Tampered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Tampered)?;
        let mut text = text.to_vec();
        let plain = self
            .sealing_key(purpose)
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| Tampered)?
            .len();
        text.truncate(plain);
        Ok(text)
    }

    fn sealing_key(&self, purpose: &str) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &self.key(purpose)).expect("an AES-256 key has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_alone() {
        let vault = Vault::new(b"a root key of some length");

        let sealed = vault.seal("mail", "token".as_bytes());

        assert_eq!(vault.open("mail", &sealed), Ok(b"token".to_vec()));
        assert_eq!(vault.open("outbox", &sealed), Err(Tampered));
        assert_eq!(Vault::new(b"another").open("mail", &sealed), Err(Tampered));
    }

    #[test]
    fn a_changed_or_cut_text_does_not_open() {
        let vault = Vault::new(b"a root key of some length");
        let mut sealed = vault.seal("mail", "token".as_bytes());

        sealed[14] ^= 1;

        assert_eq!(vault.open("mail", &sealed), Err(Tampered));
        assert_eq!(vault.open("mail", &sealed[..5]), Err(Tampered));
        assert_eq!(vault.open("mail", &[]), Err(Tampered));
    }
}
