//! Looks into the mails that were asked for, and records those that are due.
//!
//! Whoever asks waits for one row, the same for every address. What depends on whether the address has an account happens
//! here, so that the time of an answer reveals nothing.

use bus::outbox;
use contracts::{EmailAddress, EmailEvent, UserId};
use database::WriteTransaction;
use uuid::Uuid;

use super::{forgot_password, resend_verification};
use crate::error::AuthError;
use crate::model::limits::{self, MailPurpose};
use crate::model::mail_request::MailRequest;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::mail_request::KeptMailRequest;
use crate::store::security_event::SecurityEvent;

/// Claimed with one transaction; all of them are done before a claim ends.
const BATCH: u64 = 20;

/// Takes a place in the limits and leaves the request to [`answer_mail_requests`].
pub(super) async fn ask_for_mail(
    auth: &Auth,
    purpose: MailPurpose,
    email: &EmailAddress,
    origin: &Origin,
) -> Result<(), AuthError> {
    let address = auth.address_key.digest(email);
    let attempt = auth.context.sources.uuid();
    let mut slots = vec![limits::request(purpose, &origin.network, attempt)];
    slots.extend(limits::mail(purpose, &address, &origin.network, attempt));
    let keep = async {
        let tx = auth.context.database.begin_write().await?;
        let request = MailRequest { purpose, email: email.clone(), origin: origin.clone(), asked_at: tx.now() };
        store::mail_request::insert(&tx, &request).await?;
        Ok(tx.commit().await?)
    };
    auth.within_limits(slots, keep).await?;
    auth.mail_requested.notify_one();
    Ok(())
}

/// One round. A request that fails keeps no other waiting; it is answered again when its claim has ended.
pub(crate) async fn answer_mail_requests(auth: &Auth) -> Result<(), AuthError> {
    while store::mail_request::any(&auth.context.database, auth.context.now()).await? {
        let tx = auth.context.database.begin_read_committed().await?;
        let claimed = store::mail_request::claim(&tx, BATCH).await?;
        tx.commit().await?;
        let mut failed = None;
        for kept in claimed {
            failed = answer(auth, &kept).await.err().or(failed);
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(())
}

/// Mails what is due, and removes the request with it; nothing where it was answered before.
pub(crate) async fn answer(auth: &Auth, kept: &KeptMailRequest) -> Result<(), AuthError> {
    let request = match kept.open(auth.context.database.vault()) {
        Ok(request) if !request.is_too_old(auth.context.now()) => request,
        Ok(_) => return give_up(auth, kept.id, "it could not be sent for a day").await,
        Err(tampered) => return give_up(auth, kept.id, &tampered.to_string()).await,
    };
    match request.purpose {
        MailPurpose::PasswordReset => forgot_password::mail_link(auth, kept.id, &request).await,
        MailPurpose::Verification => resend_verification::mail_as_many_as_fit(auth, kept.id, &request).await,
    }
}

async fn give_up(auth: &Auth, id: Uuid, reason: &str) -> Result<(), AuthError> {
    tracing::error!(%id, reason, "a mail that was asked for is given up");
    let tx = auth.context.database.begin_read_committed().await?;
    store::mail_request::remove(&tx, id).await?;
    Ok(tx.commit().await?)
}

/// What a request leads to; it happens once.
pub(super) struct Outcome {
    pub(super) kind: SecurityEventKind,
    pub(super) user_id: Option<UserId>,
    pub(super) mails: Vec<EmailEvent>,
}

/// Records the outcome of a request with the open transaction that removes it; false where that was done before.
pub(super) async fn conclude(
    tx: &WriteTransaction,
    id: Uuid,
    request: &MailRequest,
    outcome: Outcome,
) -> database::Result<bool> {
    if !store::mail_request::remove(tx, id).await? {
        return Ok(false);
    }
    let event = SecurityEvent {
        id,
        user_id: outcome.user_id,
        kind: outcome.kind,
        at: request.asked_at,
        network: Some(request.origin.network.clone()),
        user_agent: request.origin.user_agent.clone(),
    };
    store::security_event::insert(tx, event).await?;
    outbox::record_all(tx, &outcome.mails).await?;
    Ok(true)
}
