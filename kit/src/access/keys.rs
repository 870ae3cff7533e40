//! The keys that access tokens are checked with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use clock::{Sources, Timestamp};
use contracts::Secret;
use ephemeral::EphemeralStore;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use tokio::sync::Mutex;

use super::{AUDIENCE, AccessClaims, HEADER_TYPE, ISSUER, Refusal};

/// Where auth publishes its public keys for services that don't have its database.
pub const JWKS_KEY: &str = "jwks";

/// Unknown key ids have a store that answers asked at most this often, whoever sends them.
const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(1);
/// Known keys are compared with the published ones this often: a key that was retired opens nothing for longer.
const REFETCH_INTERVAL: Duration = Duration::from_secs(60);
/// A peer's clock and ours may differ by so much about how long one of its access tokens lives.
const PEER_SKEW: Duration = Duration::from_secs(60);

/// How access tokens are signed.
#[derive(Debug, Clone)]
pub enum TokenKeys {
    /// With auth's Ed25519 keys, the public halves of which it publishes.
    Published,
    /// With HS256 under a secret shared with peers of the first platform.
    Shared {
        /// The secret.
        secret: Secret,
        /// How long an access token lives. Peers sign their refresh tokens with the same claims, and may with the same
        /// secret; those live longer, and open nothing.
        access_ttl: Duration,
    },
}

/// The keys as this process knows them.
pub(super) enum KeyRing {
    Published(PublishedKeys),
    Shared { key: DecodingKey, longest_seconds: i64 },
}

#[derive(Default)]
pub(super) struct PublishedKeys {
    /// By their ids.
    known: RwLock<BTreeMap<String, DecodingKey>>,
    /// Raised whenever other keys are known.
    edition: AtomicU64,
    last: Mutex<Fetched>,
}

/// What the store answered last.
#[derive(Default)]
struct Fetched {
    at: Option<Timestamp>,
    set: Option<Vec<u8>>,
}

impl KeyRing {
    pub(super) fn new(keys: &TokenKeys) -> Self {
        match keys {
            TokenKeys::Shared { secret, access_ttl } => Self::Shared {
                key: DecodingKey::from_secret(secret.expose().as_bytes()),
                longest_seconds: i64::try_from((*access_ttl + PEER_SKEW).as_secs()).unwrap_or(i64::MAX),
            },
            TokenKeys::Published => Self::Published(PublishedKeys::default()),
        }
    }

    /// Checks the signature and everything in `token` that does not depend on the time.
    pub(super) async fn decode(
        &self,
        token: &str,
        store: &dyn EphemeralStore,
        sources: &Sources,
    ) -> Result<AccessClaims, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Invalid)?;
        match self {
            Self::Shared { key, longest_seconds } => {
                let claims = decode(token, key, &validation(Algorithm::HS256))?;
                // A peer's token has no session and another type, and is an access token only if it lives as short as one.
                let is_good = match claims.sid {
                    Some(_) => is_ours(&header),
                    None => claims.exp.saturating_sub(claims.iat) <= *longest_seconds,
                };
                if is_good { Ok(claims) } else { Err(Refusal::Invalid) }
            }
            Self::Published(keys) => {
                if !is_ours(&header) {
                    return Err(Refusal::Invalid);
                }
                let kid = header.kid.ok_or(Refusal::Invalid)?;
                let key = keys.find(&kid, store, sources).await?.ok_or(Refusal::Invalid)?;
                let mut validation = validation(Algorithm::EdDSA);
                validation.set_audience(&[AUDIENCE]);
                validation.validate_aud = true;
                let claims = decode(token, &key, &validation)?;
                if claims.sid.is_none() { Err(Refusal::Invalid) } else { Ok(claims) }
            }
        }
    }

    pub(super) fn are_shared(&self) -> bool {
        matches!(self, Self::Shared { .. })
    }

    /// Whether there is a key to check anything with.
    pub(super) fn are_known(&self) -> bool {
        match self {
            Self::Shared { .. } => true,
            Self::Published(keys) => !keys.is_empty(),
        }
    }

    /// Which keys are known: what was decoded under another edition has to be decoded again.
    pub(super) fn edition(&self) -> u64 {
        match self {
            Self::Shared { .. } => 0,
            Self::Published(keys) => keys.edition.load(Ordering::Acquire),
        }
    }

    /// Loads the keys when none is known, and compares them with the published ones once a minute.
    pub(super) async fn follow(&self, store: &dyn EphemeralStore, sources: &Sources) -> ephemeral::Result<()> {
        match self {
            Self::Shared { .. } => Ok(()),
            Self::Published(keys) if keys.is_empty() => keys.refetch(store, sources, Duration::ZERO).await,
            Self::Published(keys) => keys.refetch(store, sources, REFETCH_INTERVAL).await,
        }
    }
}

impl PublishedKeys {
    async fn find(
        &self,
        kid: &str,
        store: &dyn EphemeralStore,
        sources: &Sources,
    ) -> Result<Option<DecodingKey>, Refusal> {
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        self.refetch(store, sources, UNKNOWN_KEY_INTERVAL).await?;
        // Without any key nobody can say that this one is wrong.
        if self.is_empty() { Err(Refusal::Stale) } else { Ok(self.known(kid)) }
    }

    fn is_empty(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    /// Asks the store unless it was asked within `interval`. One request at a time does; those that waited for it find what
    /// it found. A clock that was set back makes nobody wait for the time to come again.
    async fn refetch(
        &self,
        store: &dyn EphemeralStore,
        sources: &Sources,
        interval: Duration,
    ) -> ephemeral::Result<()> {
        let mut last = self.last.lock().await;
        let now = sources.now();
        if last.at.is_some_and(|at| (at..at + interval).contains(&now)) {
            return Ok(());
        }
        self.fetch(store, now, &mut last).await
    }

    async fn fetch(&self, store: &dyn EphemeralStore, now: Timestamp, last: &mut Fetched) -> ephemeral::Result<()> {
        let set = store.get(JWKS_KEY).await?;
        last.at = Some(now);
        // A set that stands there as before is no news, and what is wrong with it was logged.
        if set.is_none() || set == last.set {
            return Ok(());
        }
        if let Some(keys) = set.as_deref().and_then(readable) {
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = keys;
            self.edition.fetch_add(1, Ordering::Release);
        }
        last.set = set;
        Ok(())
    }
}

/// The keys of a published set that signatures can be checked with, by their ids.
fn readable(set: &[u8]) -> Option<BTreeMap<String, DecodingKey>> {
    let set: JwkSet = serde_json::from_slice(set)
        .inspect_err(|error| tracing::error!(%error, "the published keys can't be read"))
        .ok()?;
    let mut keys = BTreeMap::new();
    for jwk in &set.keys {
        let Some(kid) = &jwk.common.key_id else { continue };
        match DecodingKey::from_jwk(jwk) {
            Ok(key) => {
                keys.insert(kid.clone(), key);
            }
            Err(error) => {
                tracing::warn!(kid, %error, "a published key can't be used; nobody who holds its tokens gets in")
            }
        }
    }
    Some(keys)
}

fn is_ours(header: &Header) -> bool {
    header.typ.as_deref() == Some(HEADER_TYPE)
}

/// Times are checked by the guard against its own clock, on every use and not only on the first.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "sub", "iss"]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn decode(token: &str, key: &DecodingKey, validation: &Validation) -> Result<AccessClaims, Refusal> {
    jsonwebtoken::decode(token, key, validation).map(|data| data.claims).map_err(|_| Refusal::Invalid)
}

#[cfg(test)]
mod tests {
    use clock::{ManualClock, SeededRandom};
    use data_encoding::BASE64URL_NOPAD;
    use ephemeral::Embedded;
    use serde_json::{Value, json};

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// A token of ours by its header, which nobody signed.
    fn forged(kid: &str) -> String {
        let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = part(json!({ "alg": "EdDSA", "typ": HEADER_TYPE, "kid": kid }));
        format!("{header}.{}.{}", part(json!({})), part(json!({})))
    }

    /// The public key of RFC 8037, appendix A.
    fn key(kid: &str) -> Value {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x, "kid": kid })
    }

    #[tokio::test]
    async fn the_store_is_asked_once_a_second_also_while_no_keys_are_published() {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let store = Embedded::open(folder.path(), sources.clone()).unwrap();
        let keys = KeyRing::new(&TokenKeys::Published);
        let is_stale = async || {
            let refused = keys.decode(&forged("first"), &store, &sources).await.unwrap_err();
            matches!(refused, Refusal::Stale)
        };

        let before = is_stale().await;
        store.put(JWKS_KEY, json!({ "keys": [key("first")] }).to_string().as_bytes(), DAY).await.unwrap();
        let at_once = is_stale().await;
        clock.advance(UNKNOWN_KEY_INTERVAL);

        assert_eq!((before, at_once, is_stale().await), (true, true, false));
    }

    #[test]
    fn a_key_that_cannot_be_used_leaves_the_others_in_force() {
        let unusable = json!({ "kty": "OKP", "crv": "Ed25519", "x": "?", "kid": "broken" });
        let set = json!({ "keys": [unusable, key("good")] });

        let keys = readable(set.to_string().as_bytes()).unwrap();

        assert_eq!(keys.keys().collect::<Vec<_>>(), ["good"]);
    }
}
