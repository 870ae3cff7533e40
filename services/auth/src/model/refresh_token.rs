//! Refresh tokens: opaque to clients, checked without a look-up, and the same each time they are minted.
//!
//! A token is a session and a generation under a MAC, so a store that is dumped shows none, and a retry gets its
//! successor byte for byte. Whether a generation is still good is decided in [`rotation`](super::rotation).

use aws_lc_rs::hmac;
use contracts::{Secret, SessionId};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// In front of every refresh token, so that scanners for leaked secrets know one when they see it.
const PREFIX: &str = "lzr1_";
/// Bytes of the session id and of the generation, which the MAC covers.
const CLAIMS: usize = 16 + 4;
/// Bytes of the whole token below its base64url.
const TOKEN: usize = CLAIMS + 32;

/// Counts the refreshes of a session: its first token is of generation 0, each refresh makes the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Generation(pub(crate) u32);

impl Generation {
    /// The generation of the token that a sign-in answers.
    pub(crate) const FIRST: Self = Self(0);

    /// The generation after this one.
    pub(crate) fn next(self) -> Self {
        // A session ends after months and the last of four billion is never reached; it would only repeat itself.
        Self(self.0.saturating_add(1))
    }

    /// The generation so many refreshes before this one, if there was one.
    pub(crate) fn before(self, refreshes: u32) -> Option<Self> {
        self.0.checked_sub(refreshes).map(Self)
    }

    /// How many refreshes this one is after `other`; negative if it is before.
    pub(crate) fn ahead_of(self, other: Self) -> i64 {
        i64::from(self.0) - i64::from(other.0)
    }
}

/// What a refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// The session, that is the token family.
    pub(crate) session: SessionId,
    /// Which of its tokens this is.
    pub(crate) generation: Generation,
}

/// The key that makes refresh tokens and knows them again; cheap to clone.
#[derive(Clone)]
pub(crate) struct RefreshKey(hmac::Key);

impl RefreshKey {
    /// The key made of `bytes`, which never stand beside the state of a session.
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The text of `token`; the same for the same token.
    pub(crate) fn mint(&self, token: RefreshToken) -> Secret {
        let mut bytes = Vec::with_capacity(TOKEN);
        bytes.extend_from_slice(token.session.0.as_bytes());
        bytes.extend_from_slice(&token.generation.0.to_be_bytes());
        let tag = hmac::sign(&self.0, &bytes);
        bytes.extend_from_slice(tag.as_ref());
        Secret::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// What `text` says, if this key made it. Takes the same time wherever a forged MAC differs.
    pub(crate) fn open(&self, text: &str) -> Option<RefreshToken> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let (claims, tag) = bytes.split_at_checked(CLAIMS)?;
        hmac::verify(&self.0, claims, tag).ok()?;
        let (session, generation) = claims.split_at_checked(16)?;
        Some(RefreshToken {
            session: SessionId(Uuid::from_slice(session).ok()?),
            generation: Generation(u32::from_be_bytes(generation.try_into().ok()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RefreshKey {
        RefreshKey::new(&[7; 32])
    }

    fn token() -> RefreshToken {
        RefreshToken { session: SessionId(Uuid::from_u128(42)), generation: Generation(3) }
    }

    #[test]
    fn a_token_minted_again_is_the_same_and_says_the_same() {
        let first = key().mint(token());
        let again = key().mint(token());

        assert_eq!(first, again);
        assert_eq!(first.expose().len(), 75);
        assert_eq!(key().open(first.expose()), Some(token()));
    }

    #[test]
    fn each_session_and_each_generation_has_a_token_of_its_own() {
        let next = RefreshToken { generation: token().generation.next(), ..token() };
        let other = RefreshToken { session: SessionId(Uuid::from_u128(43)), ..token() };

        assert_ne!(key().mint(token()), key().mint(next));
        assert_ne!(key().mint(token()), key().mint(other));
    }

    #[test]
    fn a_token_changed_in_any_character_is_refused() {
        let minted = key().mint(token()).expose().to_owned();

        for position in 0..minted.len() {
            let mut forged = minted.clone().into_bytes();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(key().open(&String::from_utf8(forged).unwrap()), None, "at {position}");
        }
    }

    #[test]
    fn what_is_cut_lengthened_foreign_or_no_token_is_refused() {
        let minted = key().mint(token()).expose().to_owned();
        let foreign = RefreshKey::new(&[8; 32]).mint(token());

        for text in ["", PREFIX, "lzr1_ş", &minted[..74], &minted[5..], &format!("{minted}A"), foreign.expose()] {
            assert_eq!(key().open(text), None, "{text}");
        }
    }

    #[test]
    fn a_minted_token_is_not_printed() {
        assert_eq!(format!("{:?}", key().mint(token())), "Secret(…)");
    }
}
