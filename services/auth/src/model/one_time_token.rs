//! Tokens that are mailed to be used once: 256 random bits, of which we keep only a digest.
//!
//! What a token is for, how long it lives and that it works once is decided where its digest is kept.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use contracts::Secret;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A verification or reset token.
#[derive(Clone)]
pub(crate) struct OneTimeToken(Zeroizing<[u8; 32]>);

/// What we remember of a [`OneTimeToken`]: SHA-256 in lower-case hex, fit for a key or a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TokenDigest(String);

impl OneTimeToken {
    /// The token made of `random` bytes.
    pub(crate) fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The token that `text` spells: 43 characters of base64url without padding.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // Checked first, because decoding works on as much as is sent.
        if text.len() != 43 {
            return None;
        }
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        Some(Self::new(bytes.as_slice().try_into().ok()?))
    }

    /// The text for the mail.
    pub(crate) fn expose(&self) -> Secret {
        Secret::new(BASE64URL_NOPAD.encode(self.0.as_slice()))
    }

    /// What we keep. A token has too many bits to be found by trying, so no salt and no slow hash is needed.
    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest(HEXLOWER.encode(digest(&SHA256, self.0.as_slice()).as_ref()))
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(…)")
    }
}

impl TokenDigest {
    /// The 64 hex digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_by_its_digest() {
        let token = OneTimeToken::new([7; 32]);
        let mailed = token.expose();

        let typed = OneTimeToken::parse(mailed.expose()).unwrap();

        assert_eq!(mailed.expose().len(), 43);
        assert_eq!(typed.digest(), token.digest());
        assert_ne!(typed.digest(), OneTimeToken::new([8; 32]).digest());
    }

    #[test]
    fn the_digest_is_sha_256_in_hex() {
        let digest = OneTimeToken::new([0; 32]).digest();

        assert_eq!(digest.as_str(), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let mailed = OneTimeToken::new([7; 32]).expose();

        // The last character of 43 carries two spare bits, which must be zero.
        let spare_bits = format!("{}9", &mailed.expose()[..42]);
        for text in ["", "ş", &mailed.expose()[..42], &format!("{}=", mailed.expose()), &spare_bits, &"+".repeat(43)] {
            assert!(OneTimeToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", OneTimeToken::new([7; 32])), "OneTimeToken(…)");
    }
}
