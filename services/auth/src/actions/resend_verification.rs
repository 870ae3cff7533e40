//! Mails the waiting registrations of an address once more, each with a new token that cancels its older ones.

use contracts::{EmailAddress, MailMessage};
use uuid::Uuid;

use super::answer_mail_requests::{Outcome, ask_for_mail, conclude};
use super::message_to;
use super::register::verification;
use crate::error::AuthError;
use crate::model::address_digest::AddressDigest;
use crate::model::limits::{self, MailPurpose};
use crate::model::mail_request::MailRequest;
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::registration::{Registration, RegistrationId};
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store;
use crate::store::limits::WhenAway;

pub(crate) async fn resend_verification(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    ask_for_mail(auth, MailPurpose::Verification, email, origin).await
}

/// Each mail takes a place of its own. The request has one; where more registrations wait, the newest that fit are mailed.
pub(super) async fn mail_as_many_as_fit(auth: &Auth, id: Uuid, request: &MailRequest) -> Result<(), AuthError> {
    let address = auth.address_key.digest(&request.email);
    let mut waiting = store::registration::waiting(&auth.context, &address).await?.0;
    let mut places = Vec::new();
    while places.len() + 1 < waiting.len() {
        let attempt = auth.context.sources.uuid();
        let slots = limits::mail(MailPurpose::Verification, &address, &request.origin.network, attempt);
        // What can't be counted does not fit: mails of the others are asked for again.
        let Ok(place) = auth.limits.reserve(slots, WhenAway::Refuse).await else { break };
        places.push(place);
    }
    waiting.drain(..waiting.len().saturating_sub(places.len() + 1));
    let done = renew_and_mail(auth, id, request, &address, waiting).await;
    if done.is_err() {
        for place in &places {
            auth.limits.give_back(place).await;
        }
    }
    done
}

async fn renew_and_mail(
    auth: &Auth,
    id: Uuid,
    request: &MailRequest,
    address: &AddressDigest,
    waiting: Vec<RegistrationId>,
) -> Result<(), AuthError> {
    let renewed = renew(auth, address, waiting).await?;
    let tx = auth.context.database.begin_read_committed().await?;
    let account = store::account::find_by_email(&tx, &request.email).await?;
    let user_id = account.as_ref().map(|account| account.id);
    let mails = match account {
        Some(account) => {
            let asked = request.origin.asked(request.asked_at);
            vec![message_to(&account, MailMessage::AlreadyRegistered { asked })]
        }
        None => renewed.iter().map(|(registration, token)| verification(registration.clone(), token)).collect(),
    };
    let outcome = Outcome { kind: SecurityEventKind::VerificationAsked, user_id, mails };
    if !conclude(&tx, id, request, outcome).await? {
        return Ok(());
    }
    tx.commit().await?;
    for (registration, token) in renewed {
        if let Err(error) = cancel_older(auth, registration, &token).await {
            tracing::warn!(%error, "older tokens of a registration can't be cancelled; the next mail does it");
        }
    }
    Ok(())
}

/// Gives these registrations of the address another token and another day.
async fn renew(
    auth: &Auth,
    address: &AddressDigest,
    waiting: Vec<RegistrationId>,
) -> Result<Vec<(Registration, OneTimeToken)>, AuthError> {
    let mut renewed = Vec::new();
    for id in waiting {
        let Some(registration) = store::registration::find(&auth.context, id).await? else { continue };
        let token = OneTimeToken::new(auth.context.sources.bytes());
        let tokens = [registration.tokens, vec![token.digest()]].concat();
        let registration = Registration { tokens, ..registration };
        store::registration::put(&auth.context, &registration).await?;
        renewed.push((registration, token));
    }
    store::registration::keep_list(&auth.context, address).await?;
    Ok(renewed)
}

/// From now on only `token` proves the mailbox of the registration.
async fn cancel_older(auth: &Auth, registration: Registration, token: &OneTimeToken) -> ephemeral::Result<()> {
    let (newest, older): (Vec<_>, Vec<_>) =
        registration.tokens.iter().cloned().partition(|known| *known == token.digest());
    store::registration::put(&auth.context, &Registration { tokens: newest, ..registration }).await?;
    for token in older {
        store::registration::forget_token(&auth.context, &token).await?;
    }
    Ok(())
}
