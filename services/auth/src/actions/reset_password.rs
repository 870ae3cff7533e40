//! Sets the password that whoever reads the mailbox chose, and ends every session of the account.

use contracts::Secret;

use super::notice::{Notice, notify};
use super::{audit, revocation};
use crate::error::AuthError;
use crate::model::hashing::PasswordHash;
use crate::model::limits;
use crate::model::one_time_token::{OneTimeToken, TokenDigest};
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::account::Account;
use crate::store::session::Session;

/// A token, and the account whose password it may change.
struct Claim {
    token: TokenDigest,
    account: Account,
}

pub(crate) async fn reset_password(
    auth: &Auth,
    token: &Secret,
    password: Password,
    origin: &Origin,
) -> Result<(), AuthError> {
    let token = OneTimeToken::parse(token.expose()).ok_or(AuthError::InvalidToken)?.digest();
    let claim = find_claim(auth, token).await?;
    password.check_against("password", &claim.account.email).map_err(AuthError::Unfit)?;
    let hash = auth.hasher.hash(password).await?;
    let ended = replace(auth, &claim, &hash, origin).await?;
    revocation::publish(auth, &ended).await;
    if let Err(error) = store::reset::forget(&auth.context, &claim.token).await {
        tracing::warn!(%error, "a used token can't be removed yet; it opens nothing");
    }
    // Whoever proves the mailbox need not wait for what others tried.
    for window in limits::cleared_by_reset(&auth.address_key.digest(&claim.account.email), &origin.network) {
        auth.limits.clear(&window).await;
    }
    Ok(())
}

async fn find_claim(auth: &Auth, token: TokenDigest) -> Result<Claim, AuthError> {
    let email = store::reset::find_email(&auth.context, &token).await?.ok_or(AuthError::InvalidToken)?;
    let account = store::account::find_by_email(&auth.context.database, &email).await?;
    let account = account.filter(|account| account.is_reset_by(&token)).ok_or(AuthError::InvalidToken)?;
    Ok(Claim { token, account })
}

async fn replace(auth: &Auth, claim: &Claim, hash: &PasswordHash, origin: &Origin) -> Result<Vec<Session>, AuthError> {
    let tx = store::account::begin_write(&auth.context.database, claim.account.id).await?;
    let account = store::account::find(&tx, claim.account.id).await?;
    let account = account.filter(|account| account.is_reset_by(&claim.token)).ok_or(AuthError::InvalidToken)?;
    store::account::set_password(&tx, account.id, hash).await?;
    let ended = revocation::revoke_all(&tx, account.id).await?;
    audit(&tx, SecurityEventKind::PasswordReset, Some(account.id), Some(origin)).await?;
    notify(&tx, &account, Notice::PasswordChanged, origin).await?;
    tx.commit().await?;
    Ok(ended)
}
