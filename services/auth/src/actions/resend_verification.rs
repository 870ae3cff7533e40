//! Mails every waiting registration of an address once more, each with a new token that cancels its older one.

use contracts::{EmailAddress, Letter};

use super::register::verification;
use super::{Auth, mail, record};
use crate::error::AuthError;
use crate::model::address_digest::AddressDigest;
use crate::model::limits::{self, MailPurpose};
use crate::model::one_time_token::OneTimeToken;
use crate::model::origin::Origin;
use crate::model::registration::Registration;
use crate::model::security_event::SecurityEventKind;
use crate::store;
use crate::store::limits::WhenAway;

pub(crate) async fn resend_verification(auth: &Auth, email: &EmailAddress, origin: &Origin) -> Result<(), AuthError> {
    let address = auth.address_key.digest(email);
    let slots = limits::mail(MailPurpose::Verification, &address, auth.context.sources.uuid());
    let reservation = auth.limits.reserve(slots, WhenAway::Refuse).await?;
    let done = renew_and_mail(auth, email, &address, origin).await;
    if done.is_err() {
        auth.limits.give_back(&reservation).await;
    }
    done
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
    record(&tx, SecurityEventKind::VerificationAsked, user_id, Some(origin)).await?;
    match account {
        Some(account) => {
            let asked = origin.asked(tx.now());
            mail(&tx, &account, Letter::AlreadyRegistered { asked }).await?;
        }
        None => {
            for (registration, token) in renewed {
                bus::outbox::record(&tx, &verification(registration, &token)).await?;
            }
        }
    }
    Ok(tx.commit().await?)
}

/// Gives every waiting registration of the address a new token and another day.
async fn renew(auth: &Auth, address: &AddressDigest) -> Result<Vec<(Registration, OneTimeToken)>, AuthError> {
    let mut renewed = Vec::new();
    for id in store::registration::waiting(&auth.context, address).await?.0 {
        let Some(registration) = store::registration::find(&auth.context, id).await? else { continue };
        let token = OneTimeToken::new(auth.context.sources.bytes());
        let older = registration.token;
        let registration = Registration { token: token.digest(), ..registration };
        store::registration::put(&auth.context, &registration).await?;
        store::registration::forget_token(&auth.context, &older).await?;
        renewed.push((registration, token));
    }
    store::registration::keep_list(&auth.context, address).await?;
    Ok(renewed)
}
