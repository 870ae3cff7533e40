//! The keys that access tokens are checked with.

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

/// An unknown key id asks the store at most this often, whoever sends it.
const REFETCH: Duration = Duration::from_secs(1);

/// How access tokens are signed.
#[derive(Debug, Clone)]
pub enum TokenKeys {
    /// With auth's Ed25519 keys, the public halves of which it publishes.
    Published,
    /// With HS256 under a secret shared with peers of the first platform.
    Shared(Secret),
}

/// The keys as this process knows them.
pub(super) enum KeyRing {
    Published(PublishedKeys),
    Shared(DecodingKey),
}

pub(super) struct PublishedKeys {
    known: RwLock<JwkSet>,
    fetched_at: Mutex<Option<Timestamp>>,
}

impl KeyRing {
    pub(super) fn new(keys: &TokenKeys) -> Self {
        match keys {
            TokenKeys::Shared(secret) => Self::Shared(DecodingKey::from_secret(secret.expose().as_bytes())),
            TokenKeys::Published => Self::Published(PublishedKeys {
                known: RwLock::new(JwkSet { keys: Vec::new() }),
                fetched_at: Mutex::new(None),
            }),
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
            Self::Shared(key) => {
                let claims = decode(token, key, &validation(Algorithm::HS256))?;
                // A peer's token has no session and another type.
                if claims.sid.is_some() && !is_ours(&header) { Err(Refusal::Invalid) } else { Ok(claims) }
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
        matches!(self, Self::Shared(_))
    }

    /// Whether there is a key to check anything with.
    pub(super) fn are_known(&self) -> bool {
        match self {
            Self::Shared(_) => true,
            Self::Published(keys) => !keys.is_empty(),
        }
    }

    /// Loads the keys, so that the first request need not.
    pub(super) async fn load(&self, store: &dyn EphemeralStore, sources: &Sources) -> ephemeral::Result<()> {
        match self {
            Self::Shared(_) => Ok(()),
            Self::Published(keys) => keys.refetch(store, sources).await,
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
        self.refetch(store, sources).await?;
        // Without any key nobody can say that this one is wrong.
        if self.is_empty() { Err(Refusal::Stale) } else { Ok(self.known(kid)) }
    }

    fn is_empty(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys.is_empty()
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.find(kid).and_then(|jwk| DecodingKey::from_jwk(jwk).ok())
    }

    /// One request at a time asks the store; those that waited for it find what it found.
    async fn refetch(&self, store: &dyn EphemeralStore, sources: &Sources) -> ephemeral::Result<()> {
        let mut fetched_at = self.fetched_at.lock().await;
        let now = sources.now();
        if fetched_at.is_some_and(|at| now < at + REFETCH) {
            return Ok(());
        }
        let Some(published) = store.get(JWKS_KEY).await? else { return Ok(()) };
        *fetched_at = Some(now);
        match serde_json::from_slice(&published) {
            Ok(set) => *self.known.write().unwrap_or_else(PoisonError::into_inner) = set,
            Err(error) => tracing::error!(%error, "the published keys can't be read"),
        }
        Ok(())
    }
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
