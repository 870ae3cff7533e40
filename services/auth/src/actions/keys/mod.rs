//! The keys that sign access tokens: made at first start, published before they sign, replaced without rejecting a token.
//!
//! Any process may rotate them in the database; each running one notices with its next look, about a second later.

mod signer;

use std::time::Duration;

use clock::Timestamp;
use database::{Database, WriteTransaction};
use serde::Serialize;
use zeroize::Zeroizing;

use super::audit;
use super::revocation::SKEW;
use crate::error::AuthError;
use crate::model::security_event::SecurityEventKind;
pub use crate::model::signing_key::KeyState;
use crate::model::signing_key::{KeyPair, is_known_everywhere};
use crate::state::Auth;
use crate::store;
use crate::store::signing_key::StoredKey;
use signer::public_keys;

pub(crate) use signer::{PublishedKeys, Signer};

const SEALED_FOR: &str = "auth signing key";
/// A running platform publishes a key much sooner.
const ROTATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between two polls whether it did.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

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

/// Lets the next key sign, and makes another next one. Tokens that the old key signed stay valid. Right after another
/// rotation this waits some seconds, until every process knows the key that is to sign.
///
/// # Errors
/// [`AuthError::NoSigningKeys`]; [`AuthError::NextKeyNotPublished`] when nothing runs that publishes it; or the database
/// failed.
pub async fn rotate(database: &Database) -> Result<(), AuthError> {
    let deadline = database.sources().now() + ROTATION_TIMEOUT;
    loop {
        match try_rotate(database).await {
            Err(AuthError::NextKeyNotPublished) if database.sources().now() < deadline => {
                database.sources().sleep(POLL_INTERVAL).await;
            }
            done => return done,
        }
    }
}

async fn try_rotate(database: &Database) -> Result<(), AuthError> {
    let tx = store::signing_key::begin_write(database).await?;
    let keys = store::signing_key::list(&tx).await?;
    let next = keys.iter().find(|key| key.state == KeyState::Next).ok_or(AuthError::NoSigningKeys)?;
    if !is_known_everywhere(next.published_at, tx.now()) {
        return Err(AuthError::NextKeyNotPublished);
    }
    store::signing_key::retire_current(&tx).await?;
    store::signing_key::promote_next(&tx).await?;
    make(&tx, KeyState::Next).await?;
    audit(&tx, SecurityEventKind::KeysRotated, None, None).await?;
    Ok(tx.commit().await?)
}

/// Replaces every key, the next one too, because a key may be in wrong hands. What they signed is refused by every running
/// process within a minute; clients get another access token by their refresh token.
///
/// # Errors
/// [`AuthError::NoSigningKeys`], or the database failed.
pub async fn rotate_now(database: &Database) -> Result<(), AuthError> {
    let tx = store::signing_key::begin_write(database).await?;
    if store::signing_key::list(&tx).await?.is_empty() {
        return Err(AuthError::NoSigningKeys);
    }
    store::signing_key::revoke_all(&tx).await?;
    make(&tx, KeyState::Current).await?;
    make(&tx, KeyState::Next).await?;
    audit(&tx, SecurityEventKind::KeysRotated, None, None).await?;
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

/// One look: publishes what is new, and only then signs with it.
pub(crate) async fn follow(auth: &Auth) -> Result<(), AuthError> {
    if auth.signer.has_shared_secret() {
        return Ok(());
    }
    let stored = rightly_dated(&auth.context.database).await?;
    let public = public_keys(&stored, &auth.settings, auth.context.now());
    store::published_keys::publish(&auth.context, &public).await?;
    let fresh = stored.iter().filter(|key| key.published_at.is_none());
    let fresh: Vec<String> = fresh.map(|key| key.kid.clone()).collect();
    if !fresh.is_empty() {
        let tx = store::signing_key::begin_write(&auth.context.database).await?;
        store::signing_key::set_published(&tx, fresh).await?;
        tx.commit().await?;
    }
    Ok(auth.signer.take_over(stored, auth.context.database.vault())?)
}

/// All keys. What a clock dated that was ahead would be checked with for too long, and the next key not sign before that time
/// comes, so both count from now on.
async fn rightly_dated(database: &Database) -> Result<Vec<StoredKey>, AuthError> {
    let stored = store::signing_key::list(database).await?;
    let latest = database.sources().now() + SKEW;
    let right = |key: &StoredKey| [key.published_at, key.retired_at].into_iter().flatten().all(|date| date <= latest);
    if stored.iter().all(right) {
        return Ok(stored);
    }
    let tx = store::signing_key::begin_write(database).await?;
    store::signing_key::bring_forward(&tx, latest).await?;
    tx.commit().await?;
    Ok(store::signing_key::list(database).await?)
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
        Err(AuthError::Database(error)) if store::signing_key::is_taken(&error) => Ok(()),
        Err(error) => Err(error),
    }
}
