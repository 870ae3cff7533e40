//! E-mail addresses in the names of keys: a dump of the ephemeral store shows none.

use aws_lc_rs::hmac;
use contracts::EmailAddress;
use data_encoding::HEXLOWER;
use std::fmt;

/// The key that makes digests; cheap to clone.
#[derive(Clone)]
pub(crate) struct AddressKey(hmac::Key);

/// Stands for one address, and nobody without the key learns which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressDigest(String);

impl AddressKey {
    /// The key made of `bytes`.
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The digest of `email`; 128 bits, too many for two addresses to meet by chance.
    pub(crate) fn digest(&self, email: &EmailAddress) -> AddressDigest {
        AddressDigest(HEXLOWER.encode(&hmac::sign(&self.0, email.as_str().as_bytes()).as_ref()[..16]))
    }
}

impl AddressDigest {
    /// The digest as a member of a window.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for AddressDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_digest_under_one_key() {
        let digest = |key: u8, email: &str| AddressKey::new(&[key; 32]).digest(&email.parse().unwrap());

        assert_eq!(digest(7, "Ayse@Example.com"), digest(7, "ayse@example.com"));
        assert_ne!(digest(7, "ayse@example.com"), digest(7, "ali@example.com"));
        assert_ne!(digest(7, "ayse@example.com"), digest(8, "ayse@example.com"));
        assert_eq!(digest(7, "ayse@example.com").to_string().len(), 32);
    }
}
