//! Mails every waiting registration of an address once more, each with a new token that cancels its older ones.

use bus::outbox;
use contracts::{EmailAddress, Letter};

use super::register::verification;
use super::{Auth, audit, mail};
use crate::error::AuthError;
use crate::model::address_digest::AddressDigest;
use crate::model::limits::{self, MailPurpose};
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::registration::Registration;
use crate::model::security_event::SecurityEventKind;
use crate::store;

pub(crate) async fn resend_verification(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    let address = auth.address_key.digest(email);
    let slots = limits::mail(MailPurpose::Verification, &address, auth.context.sources.uuid());
    auth.within_limits(slots, renew_and_mail(auth, email, &address, origin)).await
}

async fn renew_and_mail(
    auth: &Auth,
    email: &EmailAddress,
    address: &AddressDigest,
    origin: &Origin,
) -> Result<(), AuthError> {
    let renewed = renew(auth, address).await?;
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

/// Gives every waiting registration of the address another token and another day.
async fn renew(auth: &Auth, address: &AddressDigest) -> Result<Vec<(Registration, OneTimeToken)>, AuthError> {
    let mut renewed = Vec::new();
    for id in store::registration::waiting(&auth.context, address).await?.0 {
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
