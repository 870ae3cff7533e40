//! Mails the waiting registrations of an address once more, each with a new token that cancels its older ones.

use bus::outbox;
use contracts::{EmailAddress, Letter};

use super::register::verification;
use super::{Auth, audit, mail};
use crate::error::AuthError;
use crate::model::address_digest::AddressDigest;
use crate::model::limits::{self, MailPurpose};
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::registration::{Registration, RegistrationId};
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::limits::WhenAway;

pub(crate) async fn resend_verification(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    let address = auth.address_key.digest(email);
    let attempt = auth.context.sources.uuid();
    let mut slots = vec![limits::request(MailPurpose::Verification, &origin.network, attempt)];
    slots.extend(limits::mail(MailPurpose::Verification, &address, &origin.network, attempt));
    auth.within_limits(slots, mail_as_many_as_fit(auth, email, &address, origin)).await
}

/// Each mail takes a place of its own. The request has one; where more registrations wait, the newest that fit are mailed.
async fn mail_as_many_as_fit(
    auth: &Auth,
    email: &EmailAddress,
    address: &AddressDigest,
    origin: &Origin,
) -> Result<(), AuthError> {
    let mut waiting = store::registration::waiting(&auth.context, address).await?.0;
    let mut places = Vec::new();
    while places.len() + 1 < waiting.len() {
        let slots = limits::mail(MailPurpose::Verification, address, &origin.network, auth.context.sources.uuid());
        // What can't be counted does not fit: mails of the others are asked for again.
        let Ok(place) = auth.limits.reserve(slots, WhenAway::Refuse).await else { break };
        places.push(place);
    }
    waiting.drain(..waiting.len().saturating_sub(places.len() + 1));
    let done = renew_and_mail(auth, email, address, waiting, origin).await;
    if done.is_err() {
        for place in &places {
            auth.limits.give_back(place).await;
        }
    }
    done
}

async fn renew_and_mail(
    auth: &Auth,
    email: &EmailAddress,
    address: &AddressDigest,
    waiting: Vec<RegistrationId>,
    origin: &Origin,
) -> Result<(), AuthError> {
    let renewed = renew(auth, address, waiting).await?;
    let tx = auth.context.database.begin_write().await?;
    let account = store::account::find_by_email(&tx, email).await?;
    let user_id = account.as_ref().map(|account| account.id);
    audit(&tx, SecurityEventKind::VerificationAsked, user_id, Some(origin)).await?;
    match account {
        Some(account) => {
            let asked = origin.asked(tx.now());
            mail(&tx, &account, Letter::AlreadyRegistered { asked }).await?;
        }
        None => {
            for (registration, token) in &renewed {
                outbox::record(&tx, &verification(registration.clone(), token)).await?;
            }
        }
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
