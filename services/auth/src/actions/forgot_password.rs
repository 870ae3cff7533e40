//! Mails a link with which the owner of an account chooses a new password.

use contracts::{EmailAddress, Letter};

use super::{Auth, audit, mail};
use crate::error::AuthError;
use crate::model::limits::{self, MailPurpose};
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::store;

pub(crate) async fn forgot_password(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    let address = auth.address_key.digest(email);
    let attempt = auth.context.sources.uuid();
    let mut slots = vec![limits::request(MailPurpose::PasswordReset, &origin.network, attempt)];
    slots.extend(limits::mail(MailPurpose::PasswordReset, &address, &origin.network, attempt));
    auth.within_limits(slots, keep_and_mail(auth, email, origin)).await
}

async fn keep_and_mail(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    // A token for an address without an account costs the same, is never mailed, and would open nothing.
    let token = OneTimeToken::new(auth.context.sources.bytes());
    let digest = token.digest();
    store::reset::put(&auth.context, &digest, email).await?;

    let tx = auth.context.database.begin_conditional_write().await?;
    let account = store::account::find_by_email(&tx, email).await?;
    let user_id = account.as_ref().map(|account| account.id);
    audit(&tx, SecurityEventKind::PasswordResetAsked, user_id, Some(origin)).await?;
    if let Some(account) = account.filter(|account| !account.is_locked()) {
        store::account::set_reset_token(&tx, account.id, &digest).await?;
        let letter = Letter::PasswordReset { token: token.expose(), asked: origin.asked(tx.now()) };
        mail(&tx, &account, letter).await?;
    }
    Ok(tx.commit().await?)
}
