//! The keys of this process: one that signs, and the public halves of all that may have signed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use async_trait::async_trait;
use clock::Timestamp;
use database::{Database, Vault};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::JwkSet;
use kit::access::TokenKeys;
use kit::{Check, Status};
use zeroize::Zeroizing;

use super::{KeyState, SEALED_FOR, make_first};
use crate::Settings;
use crate::model::access_token::SigningKey;
use crate::model::signing_key::{jwk, may_have_signed};
use crate::state::Auth;
use crate::store;
use crate::store::signing_key::StoredKey;

/// What this process signs with.
pub(crate) struct Signer {
    keys: RwLock<Arc<Keys>>,
    is_published: AtomicBool,
}

struct Keys {
    signing: SigningKey,
    /// As they stand in the database; none with a shared secret.
    stored: Vec<StoredKey>,
}

impl Signer {
    /// Loads the keys, and makes them at first start.
    pub(crate) async fn open(database: &Database, settings: &Settings) -> anyhow::Result<Self> {
        let (keys, is_published) = match &settings.token_keys {
            // Whoever checks these tokens has the secret already.
            TokenKeys::Shared { secret, .. } => {
                let signing = SigningKey::Shared(EncodingKey::from_secret(secret.expose().as_bytes()));
                (Keys { signing, stored: Vec::new() }, true)
            }
            TokenKeys::Published => {
                make_first(database).await?;
                (Keys::load(store::signing_key::list(database).await?, database.vault())?, false)
            }
        };
        Ok(Self { keys: RwLock::new(Arc::new(keys)), is_published: AtomicBool::new(is_published) })
    }

    /// The key that signs.
    pub(crate) fn key(&self) -> SigningKey {
        self.keys().signing.clone()
    }

    /// The public keys that tokens may be signed with now.
    pub(crate) fn public_keys(&self, settings: &Settings, now: Timestamp) -> JwkSet {
        public_keys(&self.keys().stored, settings, now)
    }

    pub(super) fn has_shared_secret(&self) -> bool {
        matches!(self.keys().signing, SigningKey::Shared(_))
    }

    /// Takes over `stored`, which every process can learn of by now.
    pub(super) fn take_over(&self, stored: Vec<StoredKey>, vault: &Vault) -> anyhow::Result<()> {
        self.is_published.store(true, Ordering::Relaxed);
        if self.keys().stored != stored {
            let keys = Arc::new(Keys::load(stored, vault)?);
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
        Ok(())
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Keys {
    fn load(stored: Vec<StoredKey>, vault: &Vault) -> anyhow::Result<Self> {
        let current = stored.iter().find(|key| key.state == KeyState::Current);
        let current = current.context("there is no current signing key")?;
        let private_key = Zeroizing::new(vault.open(SEALED_FOR, &current.sealed_private_key)?);
        let signing = SigningKey::Own { kid: current.kid.clone(), key: EncodingKey::from_ed_der(&private_key) };
        Ok(Self { signing, stored })
    }
}

pub(super) fn public_keys(stored: &[StoredKey], settings: &Settings, now: Timestamp) -> JwkSet {
    let alive = stored.iter().filter(|key| key.state != KeyState::Revoked);
    let alive = alive.filter(|key| may_have_signed(key.retired_at, now, settings.access_ttl));
    JwkSet { keys: alive.map(|key| jwk(key.kid.clone(), key.public_key.clone())).collect() }
}

/// Readiness: nobody can check a token whose key was never published.
pub(crate) struct PublishedKeys(pub(crate) Arc<Auth>);

#[async_trait]
impl Check for PublishedKeys {
    fn name(&self) -> &'static str {
        "signing_keys"
    }

    async fn status(&self) -> Status {
        if self.0.signer.is_published.load(Ordering::Relaxed) {
            Status::Up
        } else {
            Status::Down("the public keys were not published yet".to_owned())
        }
    }
}
