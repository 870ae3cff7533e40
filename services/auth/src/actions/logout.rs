//! Ends the caller's session, or all sessions of their user.

use std::time::Duration;

use contracts::{Secret, SessionId, UserId};
use kit::Caller;

use super::{audit, revocation};
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;

/// Works while the ephemeral store is away: other processes hear of it later.
pub(crate) async fn logout(auth: &Auth, caller: &Caller, origin: &Origin) -> Result<(), AuthError> {
    match caller.session_id() {
        Some(session) => end(auth, session, caller.user_id(), origin).await,
        None => refuse_token_of_peer(auth, caller).await,
    }
}

/// Ends the session of a refresh token, whichever of its generations that is; what is none of ours ends nothing.
pub(crate) async fn sign_out(auth: &Auth, token: &Secret, origin: &Origin) -> Result<(), AuthError> {
    let Some(token) = auth.refresh_key.open(token.expose()) else { return Ok(()) };
    match store::session::find(&auth.context.database, token.session).await? {
        Some(session) => end(auth, session.id, session.user_id, origin).await,
        None => Ok(()),
    }
}

pub(crate) async fn logout_all(auth: &Auth, user: UserId, origin: &Origin) -> Result<(), AuthError> {
    let tx = store::account::begin_write(&auth.context.database, user).await?;
    store::account::find(&tx, user).await?.ok_or(AuthError::UnknownAccount)?;
    let ended = revocation::revoke_all(&tx, user).await?;
    audit(&tx, SecurityEventKind::LogoutAll, Some(user), Some(origin)).await?;
    tx.commit().await?;
    revocation::publish(auth, &ended).await;
    Ok(())
}

async fn end(auth: &Auth, session: SessionId, user: UserId, origin: &Origin) -> Result<(), AuthError> {
    let tx = store::account::begin_write(&auth.context.database, user).await?;
    let is_first = store::session::revoke(&tx, session).await?;
    let ended = store::session::find(&tx, session).await?;
    if is_first {
        audit(&tx, SecurityEventKind::Logout, Some(user), Some(origin)).await?;
        tx.commit().await?;
    }
    revocation::publish(auth, ended.as_slice()).await;
    Ok(())
}

/// A token that a peer of the first platform minted has no session with us; it is refused by itself.
async fn refuse_token_of_peer(auth: &Auth, caller: &Caller) -> Result<(), AuthError> {
    let claims = caller.claims();
    let seconds_left = u64::try_from(claims.exp - auth.context.now().timestamp()).unwrap_or_default();
    let life = Duration::from_secs(seconds_left.saturating_add(1));
    Ok(store::revoked_token::put(&auth.context, &claims.jti, life).await?)
}
