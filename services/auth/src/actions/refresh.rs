//! Exchanges a refresh token for its successor. No database is needed while the ephemeral store has the session's state; it is
//! asked for the role alone, once after each change of any role.

use std::time::Duration;

use anyhow::Context as _;
use contracts::{Role, Secret, SessionId, UserId};
use uuid::Uuid;

use super::notice::{Notice, notify};
use super::session::{self, Tokens};
use super::{audit, revocation};
use crate::error::AuthError;
use crate::model::access_token::Grant;
use crate::model::origin::Origin;
use crate::model::rotation::{self, AttemptKey, Checkpoint, Presented, Rotation};
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::refresh_state::{Next, SessionState, Standing};
use crate::store::session::Session;

/// How long a refresh waits for the role.
const ROLE_TIMEOUT: Duration = Duration::from_millis(500);

/// What the presented token is worth, and whose it is.
struct Decision {
    user_id: UserId,
    role: Role,
    role_version: Option<Uuid>,
    rotation: Rotation,
}

pub(crate) async fn refresh(
    auth: &Auth,
    token: &Secret,
    attempt: Option<AttemptKey>,
    origin: &Origin,
) -> Result<Tokens, AuthError> {
    let token = auth.refresh_key.open(token.expose()).ok_or(AuthError::InvalidRefreshToken)?;
    // Its state may still stand where it could not be removed yet.
    if auth.guard.has_ended(token.session) {
        return Err(AuthError::InvalidRefreshToken);
    }
    let presented = Presented { generation: token.generation, attempt, at: auth.context.now() };
    loop {
        let standing = store::refresh_state::find(&auth.context, token.session).await?;
        // Asked after the state was read: it is of this epoch, or of an earlier one.
        let epoch = auth.epoch.current(auth.context.ephemeral.as_ref());
        let Decision { user_id, role, role_version, rotation } = match &standing {
            Some(standing) if epoch.is_some() && standing.state.epoch == epoch => {
                with_current_role(auth, by_state(auth, &standing.state, &presented)).await
            }
            Some(standing) => by_both(auth, token.session, &standing.state, &presented).await?,
            None => by_ledger(auth, token.session, &presented).await?,
        };
        let generation = match rotation {
            Rotation::Advance { state, checkpoint } => {
                write_checkpoint(auth, token.session, user_id, checkpoint).await?;
                let generation = state.generation;
                let state = SessionState { role, role_version, epoch, refresh: state };
                if !advance(auth, token.session, standing.as_ref(), state).await? {
                    // Another refresh of the session was faster; what this token is worth now is decided anew.
                    continue;
                }
                generation
            }
            Rotation::Repeat { generation } => generation,
            rotation @ (Rotation::Reuse | Rotation::Lost) => {
                end_family(auth, Family { session: token.session, user_id }, &rotation, origin).await?;
                return Err(AuthError::InvalidRefreshToken);
            }
            Rotation::Ended => return Err(AuthError::InvalidRefreshToken),
        };
        return session::tokens(auth, Grant { user_id, role, session: token.session, generation });
    }
}

fn by_state(auth: &Auth, state: &SessionState, presented: &Presented) -> Decision {
    let is_idle = state.refresh.is_idle(presented.at, auth.settings.refresh_ttl);
    let rotation = if is_idle { Rotation::Ended } else { rotation::rotate(&state.refresh, presented) };
    Decision { user_id: state.refresh.user_id, role: state.role, role_version: state.role_version, rotation }
}

/// The role may have been changed since the state was written, if any role was. A database that is away signs nobody out: the
/// role stays as it was until it is back.
async fn with_current_role(auth: &Auth, decision: Decision) -> Decision {
    // Seen before the role is read, which is of this version or of a later one.
    let role_version = auth.roles.current();
    let is_current = role_version.is_some() && decision.role_version == role_version;
    if is_current || !matches!(decision.rotation, Rotation::Advance { .. } | Rotation::Repeat { .. }) {
        return decision;
    }
    let found = tokio::select! {
        biased;
        found = store::account::find_role(&auth.context.database, decision.user_id) => found.map_err(anyhow::Error::from),
        () = auth.context.sources.sleep(ROLE_TIMEOUT) => Err(anyhow::anyhow!("no answer within {ROLE_TIMEOUT:?}")),
    };
    match found {
        Ok(role) => {
            if auth.role_reads.ends() {
                tracing::info!("sessions learn of their roles again");
            }
            Decision { role: role.unwrap_or(decision.role), role_version, ..decision }
        }
        Err(error) => {
            if auth.role_reads.begins() {
                tracing::warn!(%error, "sessions keep their roles, because the database can't be asked");
            }
            decision
        }
    }
}

/// The store may have come back older since it was given the state: the session may have ended, and gone on further than
/// the state says.
async fn by_both(
    auth: &Auth,
    session: SessionId,
    state: &SessionState,
    presented: &Presented,
) -> Result<Decision, AuthError> {
    let ledger = store::session::find(&auth.context.database, session).await?;
    let ledger = ledger.ok_or(AuthError::InvalidRefreshToken)?;
    let by_ledger = decide_by_ledger(auth, &ledger, presented).await?;
    let stands_at = state.refresh.generation;
    let is_behind = [ledger.generation(), presented.generation].iter().any(|known| known.ahead_of(stands_at) > 0);
    if by_ledger.rotation == Rotation::Ended || is_behind {
        return Ok(by_ledger);
    }
    let Decision { role, role_version, .. } = by_ledger;
    Ok(Decision { role, role_version, ..by_state(auth, state, presented) })
}

/// The store lost the session's state, or it was removed with the session.
async fn by_ledger(auth: &Auth, session: SessionId, presented: &Presented) -> Result<Decision, AuthError> {
    let session = store::session::find(&auth.context.database, session).await?;
    decide_by_ledger(auth, &session.ok_or(AuthError::InvalidRefreshToken)?, presented).await
}

async fn decide_by_ledger(auth: &Auth, session: &Session, presented: &Presented) -> Result<Decision, AuthError> {
    let role_version = auth.roles.current();
    let account = store::account::find(&auth.context.database, session.user_id).await?;
    let account = account.ok_or(AuthError::InvalidRefreshToken)?;
    let rotation = rotation::rebuild(&session.ledger(), presented, auth.settings.refresh_ttl);
    Ok(Decision { user_id: account.id, role: account.role, role_version, rotation })
}

/// Now and then the ledger learns how far the session is, before the store does.
async fn write_checkpoint(
    auth: &Auth,
    session: SessionId,
    user_id: UserId,
    checkpoint: Option<Checkpoint>,
) -> Result<(), AuthError> {
    let Some(checkpoint) = checkpoint else { return Ok(()) };
    let tx = store::account::begin_write(&auth.context.database, user_id).await?;
    if !store::session::checkpoint(&tx, session, checkpoint).await? {
        return Err(AuthError::InvalidRefreshToken);
    }
    Ok(tx.commit().await?)
}

/// Puts `state` in place of what stood there; `false` when something else stands there by now.
async fn advance(
    auth: &Auth,
    session: SessionId,
    standing: Option<&Standing>,
    state: SessionState,
) -> Result<bool, AuthError> {
    let ttl = state.refresh.ttl(auth.settings.refresh_ttl);
    if !store::refresh_state::replace(&auth.context, session, standing, Next { state: &state, ttl }).await? {
        return Ok(false);
    }
    if standing.is_none() && !session::forget_unless_open(auth, session).await? {
        return Err(AuthError::InvalidRefreshToken);
    }
    Ok(true)
}

/// A session with all of its tokens.
struct Family {
    session: SessionId,
    user_id: UserId,
}

/// Nobody keeps the session. Where two parties hold tokens of it, and one of them is a thief, its user is notified.
async fn end_family(auth: &Auth, family: Family, why: &Rotation, origin: &Origin) -> Result<(), AuthError> {
    let Family { session, user_id } = family;
    let tx = store::account::begin_write(&auth.context.database, user_id).await?;
    if !store::session::revoke(&tx, session).await? {
        return Ok(());
    }
    let ended = store::session::find(&tx, session).await?.context("a session that was ended just now is not there")?;
    let account = store::account::find(&tx, user_id).await?.context("a session has no account")?;
    if *why == Rotation::Reuse {
        audit(&tx, SecurityEventKind::RefreshReused, Some(account.id), Some(origin)).await?;
        notify(&tx, &account, Notice::SessionRevoked, origin).await?;
    } else {
        audit(&tx, SecurityEventKind::SessionEnded, Some(account.id), Some(origin)).await?;
    }
    tx.commit().await?;
    revocation::publish(auth, &[ended]).await;
    Ok(())
}
