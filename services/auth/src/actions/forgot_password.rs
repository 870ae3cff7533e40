//! Mails a link with which the owner of an account chooses a new password.

use contracts::{EmailAddress, MailMessage};
use uuid::Uuid;

use super::answer_mail_requests::{Outcome, ask_for_mail, conclude};
use super::message_to;
use crate::error::AuthError;
use crate::model::limits::MailPurpose;
use crate::model::mail_request::MailRequest;
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;

pub(crate) async fn forgot_password(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    ask_for_mail(auth, MailPurpose::PasswordReset, email, origin).await
}

/// Where the address has an account that may be opened.
pub(super) async fn mail_link(auth: &Auth, id: Uuid, request: &MailRequest) -> Result<(), AuthError> {
    // A token for an address without an account is never mailed, and would open nothing.
    let token = OneTimeToken::new(auth.context.sources.bytes());
    let digest = token.digest();
    store::reset::put(&auth.context, &digest, &request.email).await?;

    let tx = auth.context.database.begin_read_committed().await?;
    let account = store::account::find_by_email(&tx, &request.email).await?;
    let user_id = account.as_ref().map(|account| account.id);
    let mut mails = Vec::new();
    if let Some(account) = account.filter(|account| !account.is_locked()) {
        store::account::set_reset_token(&tx, account.id, &digest).await?;
        let asked = request.origin.asked(request.asked_at);
        mails.push(message_to(&account, MailMessage::PasswordReset { token: token.expose(), asked }));
    }
    let outcome = Outcome { kind: SecurityEventKind::PasswordResetAsked, user_id, mails };
    if conclude(&tx, id, request, outcome).await? {
        tx.commit().await?;
    }
    Ok(())
}
