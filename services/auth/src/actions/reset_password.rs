//! Sets the password that whoever reads the mailbox chose, and ends every session of the account.

use contracts::{Letter, Secret};
use database::DatabaseError;

use super::register::contains_email;
use super::{Auth, mail, record, revocation};
use crate::error::AuthError;
use crate::model::hashing::PasswordHash;
use crate::model::limits;
use crate::model::one_time_token::{OneTimeToken, TokenDigest};
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::account::Account;
use crate::store::session::Session;
use crate::store::used_token::UsedToken;

pub(crate) async fn reset_password(
    auth: &Auth,
    token: &Secret,
    password: Password,
    origin: &Origin,
) -> Result<(), AuthError> {
    let token = OneTimeToken::parse(token.expose()).ok_or(AuthError::InvalidToken)?.digest();
    let account = find_account(auth, &token).await?.ok_or(AuthError::InvalidToken)?;
    if password.contains_email(&account.email) {
        return Err(AuthError::Unfit(contains_email("password")));
    }
    let hash = auth.hasher.hash(password).await?;
    let ended = match replace(auth, &account, (&token, &hash), origin).await {
        Ok(ended) => ended,
        Err(AuthError::Database(DatabaseError::Taken(_))) => return Err(AuthError::InvalidToken),
        Err(error) => return Err(error),
    };
    revocation::tell(auth, &ended).await;
    if let Err(error) = store::reset::forget(&auth.context, &token).await {
        tracing::warn!(%error, "a used token can't be removed yet; it opens nothing");
    }
    // Whoever proves the mailbox need not wait for what others tried.
    for window in limits::cleared_by_reset(&auth.address_key.digest(&account.email), &origin.network) {
        auth.limits.clear(&window).await;
    }
    Ok(())
}

/// The account that the token may change.
async fn find_account(auth: &Auth, token: &TokenDigest) -> Result<Option<Account>, AuthError> {
    let Some(email) = store::reset::find_email(&auth.context, token).await? else { return Ok(None) };
    if !store::reset::is_newest(&auth.context, &auth.address_key.digest(&email), token).await? {
        return Ok(None);
    }
    Ok(store::account::find_by_email(&auth.context.database, &email).await?)
}

async fn replace(
    auth: &Auth,
    account: &Account,
    (token, hash): (&TokenDigest, &PasswordHash),
    origin: &Origin,
) -> Result<Vec<Session>, AuthError> {
    let tx = auth.context.database.begin_write().await?;
    let account = store::account::hold(&tx, account.id).await?.filter(|account| !account.is_locked());
    let account = account.ok_or(AuthError::InvalidToken)?;
    let used = UsedToken { digest: token.to_string(), user_id: account.id, session_id: None, used_at: tx.now() };
    store::used_token::insert(&tx, used).await?;
    store::account::set_password(&tx, account.id, hash).await?;
    let ended = revocation::revoke_all(&tx, account.id).await?;
    record(&tx, SecurityEventKind::PasswordReset, Some(account.id), Some(origin)).await?;
    mail(&tx, &account, Letter::PasswordChanged { asked: origin.asked(tx.now()) }).await?;
    tx.commit().await?;
    Ok(ended)
}
