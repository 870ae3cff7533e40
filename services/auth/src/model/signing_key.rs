//! Key pairs for access tokens, and the order in which they serve: next, current, retired.
//!
//! A key is published while it is next, signs while it is current, and is still checked with while tokens that it signed
//! may live. So a rotation rejects no valid token.

use std::time::Duration;

use anyhow::Context as _;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use clock::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm, OctetKeyPairParameters, OctetKeyPairType,
    PublicKeyUse, ThumbprintHash,
};
use serde::Serialize;
use strum::{Display, EnumString, IntoStaticStr};
use zeroize::Zeroizing;

/// A key signs only after it was published for so long: a process that meets an unknown key may have asked for the
/// published ones a second ago, and asks no sooner again.
const PUBLICATION_DELAY: Duration = Duration::from_secs(2);
/// A process may sign with a key for so long after it was retired, until it notices.
const RETIREMENT_GRACE: Duration = Duration::from_secs(60);

/// What a key is for at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum KeyState {
    /// Published, and will sign after the next rotation.
    Next,
    /// Signs.
    Current,
    /// Signed; what it signed is still checked until it has expired.
    Retired,
    /// May be in wrong hands: nothing that it signed is accepted.
    Revoked,
}

/// A fresh Ed25519 key pair.
pub(crate) struct KeyPair {
    /// The thumbprint of the public half (RFC 7638).
    pub(crate) kid: String,
    /// `x` of the JWK.
    pub(crate) public_key: String,
    /// PKCS #8.
    pub(crate) private_key: Zeroizing<Vec<u8>>,
}

impl KeyPair {
    /// The key pair that follows from `seed`.
    pub(crate) fn from_seed(seed: &Zeroizing<[u8; 32]>) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).context("32 bytes are an Ed25519 seed")?;
        let public_key = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        let kid = jwk(String::new(), public_key.clone()).thumbprint(ThumbprintHash::SHA256)?;
        let private_key = pair.to_pkcs8().context("a key pair can be written down")?;
        Ok(Self { kid, public_key, private_key: Zeroizing::new(private_key.as_ref().to_vec()) })
    }
}

/// The public half of a key, as services check with it.
pub(crate) fn jwk(kid: String, public_key: String) -> Jwk {
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::EdDSA),
            key_id: Some(kid),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: public_key,
        }),
    }
}

/// Whether a key that was published at `published_at` is known to every process by `now`.
pub(crate) fn is_known_everywhere(published_at: Option<Timestamp>, now: Timestamp) -> bool {
    published_at.is_some_and(|published_at| published_at + PUBLICATION_DELAY <= now)
}

/// Whether a token signed with a key that was retired at `retired_at` may still live.
pub(crate) fn may_have_signed(retired_at: Option<Timestamp>, now: Timestamp, access_ttl: Duration) -> bool {
    retired_at.is_none_or(|retired_at| now < retired_at + RETIREMENT_GRACE + access_ttl)
}

impl KeyState {
    /// The word in columns and lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair and the thumbprint of RFC 8037, appendices A.1 to A.3.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();

        let pair = KeyPair::from_seed(&Zeroizing::new(seed.try_into().unwrap())).unwrap();

        assert_eq!(pair.public_key, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(pair.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_published_key_holds_no_private_half() {
        let pair = KeyPair::from_seed(&Zeroizing::new([7; 32])).unwrap();

        let published = serde_json::to_value(jwk(pair.kid.clone(), pair.public_key.clone())).unwrap();

        assert_eq!(
            published,
            serde_json::json!({"use": "sig", "alg": "EdDSA", "kid": pair.kid, "kty": "OKP", "crv": "Ed25519", "x": pair.public_key})
        );
    }

    #[test]
    fn a_key_signs_only_when_every_process_knows_it() {
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(1_000);

        assert!(!is_known_everywhere(None, now));
        assert!(!is_known_everywhere(Some(now - Duration::from_secs(1)), now));
        assert!(is_known_everywhere(Some(now - Duration::from_secs(2)), now));
    }

    #[test]
    fn a_retired_key_is_checked_with_until_its_last_token_has_expired() {
        let ttl = Duration::from_secs(900);
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(10_000);

        assert!(may_have_signed(None, now, ttl));
        assert!(may_have_signed(Some(now - Duration::from_secs(959)), now, ttl));
        assert!(!may_have_signed(Some(now - Duration::from_secs(960)), now, ttl));
    }
}
