//! Makes an account of a registration whose mail came back, and signs its owner in: all in one transaction.

use std::time::Duration;

use bus::outbox;
use contracts::{Secret, UserCreated};

use super::revocation::SKEW;
use super::session::{self, SignedIn};
use super::{Visitor, audit};
use crate::error::AuthError;
use crate::model::one_time_token::{OneTimeToken, TokenDigest};
use crate::model::refresh_token::Generation;
use crate::model::registration::Registration;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::session::Session;
use crate::store::used_token::UsedToken;

/// So long a client that lost the answer may ask again.
const REPEAT_WINDOW: Duration = Duration::from_secs(60);

pub(crate) async fn verify_email(auth: &Auth, token: &Secret, visitor: &Visitor) -> Result<SignedIn, AuthError> {
    let token = OneTimeToken::parse(token.expose()).ok_or(AuthError::InvalidToken)?.digest();
    if let Some(used) = store::used_token::find(&auth.context.database, &token).await? {
        return repeat(auth, &used).await;
    }
    let Some(registration) = store::registration::find_by_token(&auth.context, &token).await? else {
        // Used a moment ago, perhaps, whereupon its registration was removed.
        return repeat_if_used(auth, &token).await;
    };
    match create(auth, registration, &token, visitor).await {
        Ok((account, session)) => {
            finish(auth, &account, &session).await;
            session::signed_in(auth, account.role, &session)
        }
        // The same token at the same moment, or another registration of the address was faster.
        Err(error) if store::account::is_taken(&error) || store::used_token::is_taken(&error) => {
            repeat_if_used(auth, &token).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn create(
    auth: &Auth,
    registration: Registration,
    token: &TokenDigest,
    visitor: &Visitor,
) -> database::Result<(Account, Session)> {
    let tx = auth.context.database.begin_write().await?;
    let Registration { email, password_hash, locale, .. } = registration;
    let account = Account::new(&tx, email, password_hash, locale);
    store::account::insert(&tx, &account).await?;
    let session = session::open(&tx, &account, visitor).await?;
    let used =
        UsedToken { digest: token.to_string(), user_id: account.id, session_id: Some(session.id), used_at: tx.now() };
    store::used_token::insert(&tx, used).await?;
    audit(&tx, SecurityEventKind::AccountCreated, Some(account.id), Some(&visitor.origin)).await?;
    outbox::record(&tx, &UserCreated::from(&account)).await?;
    tx.commit().await?;
    Ok((account, session))
}

async fn repeat_if_used(auth: &Auth, token: &TokenDigest) -> Result<SignedIn, AuthError> {
    let used = store::used_token::find(&auth.context.database, token).await?;
    repeat(auth, &used.ok_or(AuthError::InvalidToken)?).await
}

/// Answers again what the first use of the token made, unless the session moved on since.
async fn repeat(auth: &Auth, used: &UsedToken) -> Result<SignedIn, AuthError> {
    let id = used.session_id.ok_or(AuthError::InvalidToken)?;
    let session = store::session::find(&auth.context.database, id).await?.ok_or(AuthError::InvalidToken)?;
    let account = store::account::find(&auth.context.database, used.user_id).await?.ok_or(AuthError::InvalidToken)?;
    let standing = store::refresh_state::find(&auth.context, id).await?;
    let generation = standing.map_or(session.generation(), |standing| standing.state.refresh.generation);
    // What was used by a clock that was ahead, and set right since, was used nobody knows how long ago.
    let now = auth.context.now();
    let is_repeat = used.used_at <= now + SKEW && now <= used.used_at + REPEAT_WINDOW;
    if !is_repeat || session.revoked_at.is_some() || generation != Generation::FIRST {
        return Err(AuthError::InvalidToken);
    }
    finish(auth, &account, &session).await;
    session::signed_in(auth, account.role, &session)
}

/// Writes to the ephemeral store what was committed. What fails is done by a repeat, or expires.
async fn finish(auth: &Auth, account: &Account, session: &Session) {
    session::remember(auth, account, session).await;
    if let Err(error) = after_commit(auth, account).await {
        tracing::warn!(%error, user = %account.id, "the traces of a registration can't be removed yet");
    }
}

/// The profile may be completed now, and no other registration of the address can win any more.
async fn after_commit(auth: &Auth, account: &Account) -> ephemeral::Result<()> {
    store::pending_user::put(&auth.context, account.id).await?;
    let address = auth.address_key.digest(&account.email);
    for id in store::registration::waiting(&auth.context, &address).await?.0 {
        store::registration::remove_with_tokens(&auth.context, id).await?;
    }
    store::registration::forget_list(&auth.context, &address).await
}
