//! The keys that sign access tokens: made at first start, published before they sign, replaced without rejecting a token.
//!
//! Any process may rotate them in the database; each running one notices with its next look, about a second later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use async_trait::async_trait;
use clock::Timestamp;
use database::{Database, DatabaseError, Vault, WriteTransaction};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::JwkSet;
use kit::access::TokenKeys;
use kit::{Check, Status};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Auth, record};
use crate::Settings;
use crate::error::AuthError;
use crate::model::access_token::SigningKey;
pub use crate::model::signing_key::KeyState;
use crate::model::signing_key::{KeyPair, is_known_everywhere, jwk, may_have_signed};
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::signing_key::StoredKey;

const SEALED_FOR: &str = "auth signing key";

/// A signing key, as the operator sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// Its name in tokens and in the published set.
    pub kid: String,
    /// What it is for at present.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When it signed for the last time.
    pub retired_at: Option<Timestamp>,
}

/// All signing keys, oldest first; none when access tokens are signed with a shared secret.
///
/// # Errors
/// The database failed.
pub async fn list(database: &Database) -> Result<Vec<Key>, AuthError> {
    let keys = store::signing_key::list(database).await?;
    let show = |key: StoredKey| Key {
        kid: key.kid,
        state: key.state,
        created_at: key.created_at,
        published_at: key.published_at,
        retired_at: key.retired_at,
    };
    Ok(keys.into_iter().map(show).collect())
}

/// Lets the next key sign, and makes another next one. Tokens that the old key signed stay valid.
///
/// # Errors
/// [`AuthError::NextKeyNotKnown`] when the next key is too fresh to be known everywhere, or the database failed.
pub async fn rotate(database: &Database) -> Result<(), AuthError> {
    let tx = database.begin_write().await?;
    let keys = store::signing_key::hold(&tx).await?;
    let next = keys.iter().find(|key| key.state == KeyState::Next).ok_or(AuthError::NextKeyNotKnown)?;
    if !is_known_everywhere(next.published_at, tx.now()) {
        return Err(AuthError::NextKeyNotKnown);
    }
    store::signing_key::retire_current(&tx).await?;
    store::signing_key::promote_next(&tx).await?;
    make(&tx, KeyState::Next).await?;
    record(&tx, SecurityEventKind::KeysRotated, None, None).await?;
    Ok(tx.commit().await?)
}

async fn make(tx: &WriteTransaction, state: KeyState) -> Result<(), AuthError> {
    let pair = KeyPair::from_seed(&Zeroizing::new(tx.sources().bytes()))?;
    let key = StoredKey {
        kid: pair.kid,
        public_key: pair.public_key,
        sealed_private_key: tx.vault().seal(SEALED_FOR, &pair.private_key),
        state,
        created_at: tx.now(),
        published_at: None,
        retired_at: None,
    };
    Ok(store::signing_key::insert(tx, key).await?)
}

/// What this process signs with.
pub(crate) struct Signer {
    keys: RwLock<Arc<Keys>>,
    published: AtomicBool,
}

struct Keys {
    /// As they stand in the database; none with a shared secret.
    stored: Vec<StoredKey>,
    signing: SigningKey,
}

impl Signer {
    /// Loads the keys, and makes them at first start.
    pub(crate) async fn open(database: &Database, settings: &Settings) -> anyhow::Result<Self> {
        let keys = match &settings.token_keys {
            TokenKeys::Shared(secret) => {
                let key = EncodingKey::from_secret(secret.expose().as_bytes());
                Keys { stored: Vec::new(), signing: SigningKey::Shared(key) }
            }
            TokenKeys::Published => {
                make_first(database).await?;
                load(store::signing_key::list(database).await?, database.vault())?
            }
        };
        Ok(Self { keys: RwLock::new(Arc::new(keys)), published: AtomicBool::new(false) })
    }

    /// The key that signs.
    pub(crate) fn key(&self) -> SigningKey {
        self.keys().signing.clone()
    }

    /// The public keys that tokens may be signed with now.
    pub(crate) fn public_keys(&self, settings: &Settings, now: Timestamp) -> JwkSet {
        public_keys(&self.keys().stored, settings, now)
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

/// One look: notices a rotation, and publishes before anything is signed.
pub(crate) async fn follow(auth: &Auth) -> Result<(), AuthError> {
    if matches!(auth.signer.key(), SigningKey::Shared(_)) {
        auth.signer.published.store(true, Ordering::Relaxed);
        return Ok(());
    }
    let stored = store::signing_key::list(&auth.context.database).await?;
    let public = public_keys(&stored, &auth.settings, auth.context.now());
    store::published_keys::publish(&auth.context, &public).await?;
    auth.signer.published.store(true, Ordering::Relaxed);
    let fresh: Vec<String> =
        stored.iter().filter(|key| key.published_at.is_none()).map(|key| key.kid.clone()).collect();
    if !fresh.is_empty() {
        let tx = auth.context.database.begin_write().await?;
        store::signing_key::set_published(&tx, fresh).await?;
        tx.commit().await?;
    }
    if auth.signer.keys().stored != stored {
        auth.signer.replace(load(stored, auth.context.database.vault())?);
    }
    Ok(())
}

async fn make_first(database: &Database) -> Result<(), AuthError> {
    if store::signing_key::list(database).await?.iter().any(|key| key.state == KeyState::Current) {
        return Ok(());
    }
    let tx = database.begin_write().await?;
    let made = async {
        make(&tx, KeyState::Current).await?;
        make(&tx, KeyState::Next).await
    };
    match made.await {
        Ok(()) => Ok(tx.commit().await?),
        // Another process was faster.
        Err(AuthError::Database(DatabaseError::Taken(_))) => Ok(()),
        Err(error) => Err(error),
    }
}

fn load(stored: Vec<StoredKey>, vault: &Vault) -> anyhow::Result<Keys> {
    let current = stored.iter().find(|key| key.state == KeyState::Current).context("there is no current signing key")?;
    let private_key = Zeroizing::new(vault.open(SEALED_FOR, &current.sealed_private_key)?);
    let signing = SigningKey::Own { kid: current.kid.clone(), key: EncodingKey::from_ed_der(&private_key) };
    Ok(Keys { stored, signing })
}

fn public_keys(stored: &[StoredKey], settings: &Settings, now: Timestamp) -> JwkSet {
    let alive = stored.iter().filter(|key| may_have_signed(key.retired_at, now, settings.access_lifetime));
    JwkSet { keys: alive.map(|key| jwk(key.kid.clone(), key.public_key.clone())).collect() }
}

/// Readiness: nobody can check a token whose key was never published.
pub(crate) struct Published(pub(crate) Arc<Auth>);

#[async_trait]
impl Check for Published {
    fn name(&self) -> &'static str {
        "signing_keys"
    }

    async fn status(&self) -> Status {
        if self.0.signer.published.load(Ordering::Relaxed) {
            Status::Up
        } else {
            Status::Down("the public keys were not published yet".to_owned())
        }
    }
}
