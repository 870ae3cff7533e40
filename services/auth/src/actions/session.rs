//! Sessions from their start to their tokens, for every action that signs somebody in.

use std::time::Duration;

use contracts::{Role, Secret, SessionId};
use database::WriteTransaction;

use super::Visitor;
use crate::error::AuthError;
use crate::model::access_token::Grant;
use crate::model::device::DeviceId;
use crate::model::refresh_token::{Generation, RefreshToken};
use crate::model::rotation::RefreshState;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::refresh_state::{Next, SessionState};
use crate::store::session::Session;

/// A session ends after so long, however busy it is.
pub(super) const MAX_AGE: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// Somebody was signed in.
pub(crate) struct SignedIn {
    pub(crate) tokens: Tokens,
    /// The device, to be known again by its cookie.
    pub(crate) device: DeviceId,
}

/// What a client keeps of its session.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Secret,
    /// How long the access token lives.
    pub(crate) expires_in: Duration,
}

/// Writes a new session of `account` with the open transaction.
pub(super) async fn open(tx: &WriteTransaction, account: &Account, visitor: &Visitor) -> database::Result<Session> {
    let session = Session {
        id: SessionId(tx.sources().uuid()),
        user_id: account.id,
        device_id: visitor.device.unwrap_or_else(|| DeviceId(tx.sources().uuid())),
        user_agent: visitor.origin.user_agent.clone(),
        network: visitor.origin.network.clone(),
        generation: i64::from(Generation::FIRST.0),
        created_at: tx.now(),
        last_seen_at: tx.now(),
        ends_at: tx.now() + MAX_AGE,
        revoked_at: None,
        published_at: None,
    };
    store::session::insert(tx, &session).await?;
    Ok(session)
}

/// Copies a committed session to where refreshes look. If that fails, the first refresh does it.
pub(super) async fn remember(auth: &Auth, account: &Account, session: &Session) {
    match try_remember(auth, account, session).await {
        Ok(()) if auth.session_copies.ends() => tracing::info!("new sessions are copied to the ephemeral store again"),
        Ok(()) => {}
        Err(error) if auth.session_copies.begins() => {
            tracing::warn!(%error, "new sessions can't be copied to the ephemeral store yet");
        }
        Err(error) => tracing::debug!(%error, session = %session.id, "a new session can't be copied either"),
    }
}

async fn try_remember(auth: &Auth, account: &Account, session: &Session) -> Result<(), AuthError> {
    let refresh = RefreshState::begin(session.user_id, Some(session.device_id), session.created_at, session.ends_at);
    let ttl = refresh.ttl(auth.settings.refresh_ttl);
    let epoch = auth.epoch.current(auth.context.ephemeral.as_ref());
    // The account was read a while ago, maybe before a version that is known by now: the first refresh reads its role.
    let state = SessionState { role: account.role, role_version: None, epoch, refresh };
    if store::refresh_state::replace(&auth.context, session.id, None, Next { state: &state, ttl }).await? {
        forget_unless_open(auth, session.id).await?;
    }
    Ok(())
}

/// After a state was put where none stood: whoever ended the session meanwhile found none to remove. Says whether the
/// session is open.
pub(super) async fn forget_unless_open(auth: &Auth, session: SessionId) -> Result<bool, AuthError> {
    let ledger = store::session::find(&auth.context.database, session).await;
    let is_open = matches!(&ledger, Ok(Some(session)) if session.revoked_at.is_none());
    if !is_open {
        store::refresh_state::forget(&auth.context, session).await?;
    }
    ledger?;
    Ok(is_open)
}

/// The tokens of `generation`. The refresh token is the same each time; the access token is new.
pub(super) fn tokens(auth: &Auth, grant: Grant) -> Result<Tokens, AuthError> {
    let ttl = auth.settings.access_ttl;
    let access = auth.signer.key().mint(grant, auth.context.now(), ttl)?;
    let refresh = auth.refresh_key.mint(RefreshToken { session: grant.session, generation: grant.generation });
    Ok(Tokens { access, refresh, expires_in: ttl })
}

/// The first tokens of `session`.
pub(super) fn signed_in(auth: &Auth, role: Role, session: &Session) -> Result<SignedIn, AuthError> {
    let grant = Grant { user_id: session.user_id, role, session: session.id, generation: Generation::FIRST };
    Ok(SignedIn { tokens: tokens(auth, grant)?, device: session.device_id })
}
